package dev.narthex.spi;

import java.util.List;
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
        List<String> vulnerabilities) {
    public Facts {
        people = List.copyOf(people);
        keywords = List.copyOf(keywords);
        vulnerabilities = List.copyOf(vulnerabilities);
    }

    /**
     * @param text at most 512 KiB of it
     * @param format media type: text/markdown, text/x-rst or text/plain
     */
    public record Readme(String text, String format) {}
}
