package dev.narthex.store;

import dev.narthex.nix.NixHash;
import java.util.Optional;
import java.util.UUID;

/**
 * A NAR in the store.
 *
 * @param narHash SHA-256 of the uncompressed archive
 * @param narSize in bytes, uncompressed
 * @param fileSize exact length of the zstd form that is served
 * @param fileHash SHA-256 of the zstd form; unknown for kind 2
 * @param encoding changes when the served bytes would change: part of their URL and their ETag
 * @param kind 0 in its row, 1 a pack of its own, 2 frames of packs
 */
public record Nar(
        long id,
        long domainId,
        NixHash narHash,
        long narSize,
        long fileSize,
        Optional<NixHash> fileHash,
        UUID encoding,
        int kind) {}
