package dev.narthex.web.view;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.Optional;

/**
 * A file, directory or symlink inside a store path.
 *
 * @param release the release whose tab this is; absent on the page of a store path
 * @param file path inside the store path, as display text
 * @param url URL of this page
 * @param steps breadcrumbs from the root to this entry
 * @param directory listing of the directory itself, or of the directory that contains the file
 * @param content content of a file
 * @param target target of a symlink, else empty
 * @param targetUrl URL of the symlink's target; empty if the target is outside the store path or missing
 * @param archiveUrl URL of the archive as a file, if this page shows its contents; else empty
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

    public record Directory(Pagination pages, long size, List<Line> lines) {}

    /**
     * A directory entry.
     *
     * @param kind "directory", "file" or "link"
     * @param size size of a file in bytes, or number of entries of a directory
     * @param target target of a symlink
     */
    public record Line(
            String name, String url, String kind, boolean executable, long size, String target, boolean current) {}

    /**
     * @param kind type detected from the first bytes, such as "ELF binary"; empty for text
     * @param form how it is shown: "picture", "document" (Markdown rendered to {@code html}), "text", or "facts" if the content
     *     cannot be shown
     * @param otherUrl toggles between source and rendered form; empty if there is only one form
     * @param sha256 in hex; empty if {@code text} is present or the file is too large to hash
     * @param text empty if it is binary or too large
     * @param html sanitized HTML of a document
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
