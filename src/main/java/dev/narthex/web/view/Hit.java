package dev.narthex.web.view;

import java.time.Instant;
import java.util.List;

/**
 * A package in a list.
 *
 * @param version the one a client gets by default
 * @param downloads in thirty days
 * @param alsoIn other ecosystems that have the same project
 * @param marks what matches of name and summary; nothing in lists that nobody searched
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
        List<EcosystemName> alsoIn,
        Marks marks) {
    public Hit marked(Marks here) {
        return new Hit(
                url,
                cache,
                ecosystem,
                name,
                version,
                summary,
                licence,
                publishedAt,
                dependents,
                downloads,
                alsoIn,
                here);
    }

    public record Marks(List<Span> name, List<Span> summary) {
        public static final Marks NONE = new Marks(List.of(), List.of());
    }
}
