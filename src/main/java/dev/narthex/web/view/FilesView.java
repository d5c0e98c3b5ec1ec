package dev.narthex.web.view;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.Optional;

/**
 * A file, directory or link inside a store path.
 *
 * @param release the release whose tab this is, if it is one's
 * @param file path inside the store path, as text for people
 * @param url of this page
 * @param steps from the root to this
 * @param directory what is listed: the directory itself, or the one that a file lies in
 * @param content of a file
 * @param target of a link, else empty
 * @param targetUrl of a link that stays inside; empty if it leads out or nowhere
 * @param archiveUrl of the archive that this is the inside of, as a file; empty if it is none
 */
@JsonInclude(JsonInclude.Include.NON_ABSENT)
public record FilesView(
        Optional<ReleaseHead> release,
        PathHead path,
        String file,
        String url,
        List<Step> steps,
        Optional<Directory> directory,
        Optional<FileContent> content,
        String target,
        String targetUrl,
        String archiveUrl)
        implements View {
    public record Step(String name, String url) {}

    public record Directory(Pages pages, long size, List<Line> lines) {}

    /**
     * One entry.
     *
     * @param kind "directory", "file" or "link"
     * @param size bytes of a file, entries of a directory
     * @param target of a link
     */
    public record Line(
            String name, String url, String kind, boolean executable, long size, String target, boolean current) {}

    /**
     * @param kind what the first bytes tell, such as "ELF binary"; empty for text
     * @param form how it is shown: "picture", "document", which is its Markdown as {@code html}, "text", or "facts" where
     *     nothing else can be
     * @param otherUrl of its source, if it is shown as what that means, or back; empty if it has one form only
     * @param sha256 in hex; empty if the file is too large to be read for it
     * @param text empty if it is binary or too large
     * @param html of a document, safe
     */
    public record FileContent(
            long size,
            boolean executable,
            String kind,
            String form,
            String rawUrl,
            String otherUrl,
            String sha256,
            Optional<String> text,
            Optional<String> html) {}

    public String name() {
        return steps.isEmpty() ? path.name() : steps.getLast().name();
    }
}
