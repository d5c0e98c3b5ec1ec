package dev.narthex.web.view;

import java.time.Instant;
import java.util.List;

/**
 * A package in a list.
 *
 * @param version the one a client gets by default
 * @param downloads in thirty days
 * @param alsoIn other ecosystems that have the same project
 */
public record Hit(
        String url,
        String cache,
        EcosystemName ecosystem,
        String name,
        String version,
        String summary,
        String licence,
        Instant publishedAt,
        long dependents,
        long downloads,
        List<EcosystemName> alsoIn) {}
