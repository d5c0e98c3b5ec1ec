package dev.narthex.spi;

/**
 * A named, access-controlled collection of store paths.
 *
 * @param domainId the dedup domain within which it shares bytes; clients cannot observe the content of other domains
 * @param open readable by everyone
 * @param priority as in nix-cache-info: lower is preferred, and cache.nixos.org has 40
 * @param automatic whether releases recognized in a push are released without promotion by a maintainer
 */
public record Cache(
        long id, long domainId, String name, String summary, boolean open, int priority, boolean automatic) {}
