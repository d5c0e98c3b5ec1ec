package dev.narthex.catalog;

import dev.narthex.spi.Attestation;

/**
 * The summary of an attestation, with the file of a release that it is about.
 *
 * @param filename under which clients download the file
 */
public record Attested(String filename, Attestation.Summary summary) {}
