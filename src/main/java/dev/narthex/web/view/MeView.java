package dev.narthex.web.view;

import java.util.List;

/**
 * Where somebody stands.
 *
 * @param name as his identity provider gives it
 * @param groups as it names them
 * @param mayCreate whether he may make a cache
 */
public record MeView(String name, boolean admin, List<String> groups, List<OwnCache> caches, boolean mayCreate) {
    /** @param role what he is in it, himself or by a group */
    public record OwnCache(CacheLine cache, String role) {}
}
