package dev.narthex.catalog;

import dev.narthex.spi.Attestation;

/**
 * What somebody signed about a file of a release.
 *
 * @param filename under which clients fetch it
 */
public record Attested(String filename, Attestation.Summary summary) {}
