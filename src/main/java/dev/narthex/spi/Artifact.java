package dev.narthex.spi;

import dev.narthex.nix.NixHash;
import dev.narthex.nix.StorePath;
import java.time.Instant;
import java.util.Optional;

/**
 * One file or path of a release that clients can fetch.
 *
 * @param build hash part of the deriver, or of the path if the deriver is unknown
 * @param origin "exact", "path", "derived", "published" or "upstream"
 * @param offset position of its first byte in the path's NAR
 * @param length in bytes
 * @param promised whether an index response has already named it; then the file name keeps these bytes
 * @param attested summary of its attestation, if it has one
 */
public record Artifact(
        long id,
        String filename,
        StorePath path,
        String build,
        String output,
        String platform,
        String origin,
        boolean released,
        boolean promised,
        long offset,
        long length,
        NixHash sha256,
        Optional<NixHash> sha512,
        Optional<NixHash> sha1,
        Instant at,
        Optional<Attestation.Summary> attested) {}
