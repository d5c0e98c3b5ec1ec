package dev.narthex.web.view;

import java.time.Instant;
import java.util.List;

/**
 * A package in a list.
 *
 * @param version version that clients get by default
 * @param downloads in the last 30 days
 * @param alsoIn other ecosystems that have the same project
 * @param marks matches in name and summary to highlight; empty outside of search results
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
    public Hit marked(Marks marks) {
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
                marks);
    }

    public record Marks(List<Span> name, List<Span> summary) {
        public static final Marks NONE = new Marks(List.of(), List.of());
    }
}
