package dev.narthex.spi;

import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Description of a release, in the same form for every ecosystem, plus the ecosystem's manifest. All of it is untrusted text.
 * Stored as JSON in the release's row.
 *
 * @param summary one line; empty if unknown
 * @param licence SPDX expression or the publisher's words; empty if unknown
 * @param homepage http(s) URL, or empty
 * @param repository http(s) URL, or empty
 * @param people names of maintainers or authors
 * @param manifest the package's manifest (package.json, METADATA, …) as text, so that member order and digits are preserved;
 *     empty for ecosystems without one
 * @param vulnerabilities known vulnerabilities that the publisher declared
 * @param notes further facts that the recognizer stores for its registry's responses, by keys of its choice; see also
 *     {@link #withInside}
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
    /** Key of the note with the file names that search indexes. */
    private static final String INSIDE = "inside";

    private static final int MAX_CONTENTS = 500;
    private static final int MAX_CONTENT_LENGTH = 200;

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

    /** Creates facts with only a summary. */
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
     * Adds names of files in the release that people search for, such as commands and modules. Not needed for a release that is a
     * whole store path: search reads its listing.
     *
     * @param paths such as {@code bin/flask}; paths over {@value #MAX_CONTENT_LENGTH} characters and all after the first
     *     {@value #MAX_CONTENTS} are dropped
     */
    public Facts withInside(Collection<String> paths) {
        var kept = paths.stream()
                .filter(path -> path.length() <= MAX_CONTENT_LENGTH && path.indexOf('\n') < 0)
                .distinct()
                .limit(MAX_CONTENTS)
                .toList();
        if (kept.isEmpty()) {
            return this;
        }
        var added = new HashMap<>(notes);
        added.put(INSIDE, String.join("\n", kept));
        return withNotes(added);
    }

    /**
     * @param text at most 512 KiB
     * @param format media type: text/markdown, text/x-rst or text/plain
     */
    public record Readme(String text, String format) {}
}
