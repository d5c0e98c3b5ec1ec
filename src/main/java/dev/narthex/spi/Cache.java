package dev.narthex.spi;

/**
 * A named, access-controlled collection of store paths.
 *
 * @param domainId the dedup domain whose bytes it shares; nothing observable depends on another domain
 * @param open readable by everyone
 * @param priority as in nix-cache-info: lower wins, nixpkgs' own cache has 40
 * @param automatic whether what is recognised in a push is released without a maintainer's promotion
 */
public record Cache(
        long id, long domainId, String name, String summary, boolean open, int priority, boolean automatic) {}
