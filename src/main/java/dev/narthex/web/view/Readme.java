package dev.narthex.web.view;

import dev.narthex.web.readme.ReadmeLinks;
import dev.narthex.web.readme.Readmes;
import java.util.Optional;

/**
 * @param format media type
 * @param text as published; untrusted
 * @param files address of the page of the readme's folder, or empty
 */
public record Readme(String format, String text, String files) {
    private static final String MARKDOWN = "text/markdown";

    /** Safe HTML, or empty if this is to be shown as plain text. */
    public Optional<String> html() {
        var links = new ReadmeLinks(Optional.of(files).filter(f -> !f.isEmpty()));
        return format.equals(MARKDOWN) ? Readmes.html(text, links) : Optional.empty();
    }
}
