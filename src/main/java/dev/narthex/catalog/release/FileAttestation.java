package dev.narthex.catalog.release;

import dev.narthex.spi.Attestation;

/**
 * The summary of an attestation, with the file of a release that it is about.
 *
 * @param filename under which clients download the file
 */
public record FileAttestation(String filename, Attestation.Summary summary) {}
