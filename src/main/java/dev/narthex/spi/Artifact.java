package dev.narthex.spi;

import dev.narthex.nix.NixHash;
import dev.narthex.nix.StorePath;
import java.time.Instant;
import java.util.Optional;

/**
 * One file or path that clients can fetch.
 *
 * @param build hash part of the deriver, else of the path
 * @param origin "exact", "path", "derived", "published" or "upstream"
 * @param offset of its first byte in the path's NAR
 * @param length in bytes
 * @param promised named by an index answer before: these bytes stay under this name
 * @param attested what somebody signed about it, if anybody did
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
