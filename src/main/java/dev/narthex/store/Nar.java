package dev.narthex.store;

import dev.narthex.nix.NixHash;
import java.util.Optional;
import java.util.UUID;

/**
 * A NAR in the store.
 *
 * @param narHash SHA-256 of the uncompressed archive
 * @param narSize size of the uncompressed archive in bytes
 * @param fileSize exact size in bytes of the zstd form that is served
 * @param fileHash SHA-256 of the zstd form; empty for kind 2
 * @param encoding identifies the served bytes and changes whenever they would change; part of their URL and their ETag
 * @param kind 0: stored inline in its row; 1: one whole pack; 2: frames of one or more packs
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
