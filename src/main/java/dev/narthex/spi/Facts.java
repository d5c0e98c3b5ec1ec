package dev.narthex.spi;

import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a page says of a release, the same for every ecosystem, plus the ecosystem's own manifest. All of it is untrusted
 * text. Kept as JSON in the release's row.
 *
 * @param summary one line; empty if not recorded
 * @param licence SPDX expression or the publisher's words; empty if not recorded
 * @param homepage http(s) address, or empty
 * @param repository http(s) address, or empty
 * @param people maintainers or authors, names only
 * @param manifest the package's own (package.json, METADATA, …) as text, so that no member order or digit is lost; empty
 *     for ecosystems without
 * @param vulnerabilities what the publisher knows to be wrong with it
 * @param notes what else its recogniser found out for its own registry's answers, by words of its own; see {@link #withInside}
 */
public record Facts(
        String summary,
        String licence,
        String homepage,
        String repository,
        List<String> people,
        List<String> keywords,
        Optional<Readme> readme,
        String manifest,
        List<String> vulnerabilities,
        Map<String, String> notes) {
    /** The note of what search should find this release by. */
    private static final String INSIDE = "inside";

    private static final int MOST_INSIDE = 500;
    private static final int LONGEST_INSIDE = 200;

    public Facts {
        people = List.copyOf(people);
        keywords = List.copyOf(keywords);
        vulnerabilities = List.copyOf(vulnerabilities);
        notes = Map.copyOf(notes);
    }

    public Facts(
            String summary,
            String licence,
            String homepage,
            String repository,
            List<String> people,
            List<String> keywords,
            Optional<Readme> readme,
            String manifest,
            List<String> vulnerabilities) {
        this(summary, licence, homepage, repository, people, keywords, readme, manifest, vulnerabilities, Map.of());
    }

    /** Nothing is known but this line. */
    public static Facts of(String summary) {
        return new Facts(summary, "", "", "", List.of(), List.of(), Optional.empty(), "", List.of());
    }

    public Facts withReadme(Readme newReadme) {
        return new Facts(
                summary,
                licence,
                homepage,
                repository,
                people,
                keywords,
                Optional.of(newReadme),
                manifest,
                vulnerabilities,
                notes);
    }

    public Facts withManifest(String newManifest) {
        return new Facts(
                summary, licence, homepage, repository, people, keywords, readme, newManifest, vulnerabilities, notes);
    }

    public Facts withNotes(Map<String, String> newNotes) {
        return new Facts(
                summary, licence, homepage, repository, people, keywords, readme, manifest, vulnerabilities, newNotes);
    }

    /**
     * With files that the release brings and people look for: commands, modules. Of a release that is a store path as a whole
     * search knows them without being told.
     *
     * @param paths such as {@code bin/flask}; what is very long, or comes after hundreds, is left out
     */
    public Facts withInside(Collection<String> paths) {
        var kept = paths.stream()
                .filter(path -> path.length() <= LONGEST_INSIDE && path.indexOf('\n') < 0)
                .distinct()
                .limit(MOST_INSIDE)
                .toList();
        if (kept.isEmpty()) {
            return this;
        }
        var added = new HashMap<>(notes);
        added.put(INSIDE, String.join("\n", kept));
        return withNotes(added);
    }

    /**
     * @param text at most 512 KiB of it
     * @param format media type: text/markdown, text/x-rst or text/plain
     */
    public record Readme(String text, String format) {}
}
