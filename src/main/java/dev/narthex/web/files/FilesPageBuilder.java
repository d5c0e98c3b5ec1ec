package dev.narthex.web.files;

import dev.narthex.http.Content;
import dev.narthex.nix.NarListing.Entry;
import dev.narthex.nix.SurrogateEscapedText;
import dev.narthex.problem.Problem;
import dev.narthex.web.page.FileKind;
import dev.narthex.web.page.Lazy;
import dev.narthex.web.page.PageRequest;
import dev.narthex.web.page.PageResult;
import dev.narthex.web.readme.ReadmeLinks;
import dev.narthex.web.readme.ReadmeRenderer;
import dev.narthex.web.view.FilesView;
import dev.narthex.web.view.FilesView.Directory;
import dev.narthex.web.view.FilesView.FileContent;
import dev.narthex.web.view.FilesView.Line;
import dev.narthex.web.view.FilesView.Step;
import dev.narthex.web.view.Pagination;
import dev.narthex.web.view.Urls;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Builds the pages of files inside store paths (directories, texts and symlinks), and serves their raw bytes. */
@ApplicationScoped
public class FilesPageBuilder {
    private static final int PAGE_SIZE = 1000;
    private static final int BESIDE = 200;
    private static final int LINK_STEPS = 16;

    private final FileTreeFactory trees;

    FilesPageBuilder(FileTreeFactory trees) {
        this.trees = trees;
    }

    public PageResult files(BrowseTarget subject, String file, PageRequest request) throws IOException {
        var root = subject.url() + "/files";
        var tree = trees.of(subject, request.has("raw") && file.isEmpty());
        var entry = tree.listing().find(file);
        if (entry.isEmpty()) {
            return new ReadmeFileIndex(tree.listing())
                    .find(file)
                    .<PageResult>map(path ->
                            new PageResult.Redirect(303, Urls.file(root, path) + (request.has("raw") ? "?raw" : "")))
                    .orElseThrow(() -> Problem.notFound("file", SurrogateEscapedText.toDisplayText(file)));
        }
        if (request.has("raw") && entry.get() instanceof Entry.Regular regular) {
            return raw(subject, tree, file, regular);
        }
        return new PageResult.ViewResult(new EntryView(subject, tree, root, file, request.has("source"))
                .view(entry.get(), request.pageNumber()));
    }

    private static PageResult raw(BrowseTarget subject, FileTree tree, String file, Entry.Regular regular)
            throws IOException {
        var content = tree.content(regular);
        var name = name(subject, file);
        var etag = subject.path().narHash().nix32() + "-" + regular.narOffset() + "-" + regular.size();
        return new PageResult.RawFile(
                content, etag, name, FileKind.of(head(content)), content instanceof Archives.ArchivedFile);
    }

    private static byte[] head(Content content) throws IOException {
        try (var in = content.open(0, Math.min(FileKind.HEAD, content.length()))) {
            return in.readAllBytes();
        }
    }

    /** Returns the file's display name; for a path that is a single file, the name of the path. */
    private static String name(BrowseTarget subject, String file) {
        return file.isEmpty() ? subject.path().path().name() : SurrogateEscapedText.toDisplayText(lastName(file));
    }

    private static String lastName(String file) {
        return file.substring(file.lastIndexOf('/') + 1);
    }

    private static String folder(String file) {
        return file.substring(0, Math.max(0, file.lastIndexOf('/')));
    }

    /** The view of one entry. */
    private record EntryView(BrowseTarget subject, FileTree tree, String root, String file, boolean source) {
        FilesView view(Entry entry, int page) throws IOException {
            var shown = SurrogateEscapedText.toDisplayText(file);
            return switch (entry) {
                case Entry.Directory directory
                when onlyFolder(directory).isPresent() ->
                    new EntryView(subject, tree, root, directory.entries().firstKey(), source)
                            .view(onlyFolder(directory).get(), page);
                case Entry.Directory directory ->
                    view(shown, Optional.of(directory(directory, file, page, PAGE_SIZE)), Optional.empty(), "", "");
                case Entry.Regular regular -> view(shown, siblings(), Optional.of(content(regular)), "", "");
                case Entry.Symlink link ->
                    view(
                            shown,
                            siblings(),
                            Optional.empty(),
                            SurrogateEscapedText.toDisplayText(link.target()),
                            followLink(link.target()));
            };
        }

        /**
         * Returns the only folder at the top of an archive, such as "package" in npm tarballs. It is skipped because it is of no
         * interest.
         */
        private Optional<Entry.Directory> onlyFolder(Entry.Directory top) {
            return file.isEmpty()
                            && tree.inArchive()
                            && top.entries().size() == 1
                            && top.entries().firstEntry().getValue() instanceof Entry.Directory directory
                    ? Optional.of(directory)
                    : Optional.empty();
        }

        private FilesView view(
                String shown,
                Optional<Directory> directory,
                Optional<FileContent> content,
                String target,
                String targetUrl) {
            return new FilesView(
                    subject.release(),
                    subject.head(),
                    shown,
                    Urls.file(root, file),
                    steps(),
                    directory,
                    content,
                    target,
                    targetUrl,
                    tree.inArchive() ? root + "?raw" : "");
        }

        private List<Step> steps() {
            var steps = new ArrayList<Step>();
            steps.add(new Step(subject.path().path().name(), root));
            for (int slash = 0; slash >= 0 && !file.isEmpty(); ) {
                int next = file.indexOf('/', slash + 1);
                var path = next < 0 ? file : file.substring(0, next);
                steps.add(new Step(SurrogateEscapedText.toDisplayText(lastName(path)), Urls.file(root, path)));
                slash = next;
            }
            return steps;
        }

        private Optional<Directory> siblings() {
            var folder = folder(file);
            return !file.isEmpty() && tree.listing().find(folder).orElse(null) instanceof Entry.Directory directory
                    ? Optional.of(directory(directory, folder, 1, BESIDE))
                    : Optional.empty();
        }

        private Directory directory(Entry.Directory directory, String path, int page, int size) {
            var prefix = path.isEmpty() ? "" : path + "/";
            var lines = directory.entries().entrySet().stream()
                    .skip((long) (page - 1) * size)
                    .limit(size)
                    .map(e -> line(e, prefix))
                    .toList();
            int all = directory.entries().size();
            if (lines.isEmpty() && page > 1) {
                throw Problem.notFound("page", "number " + page);
            }
            return new Directory(Pagination.of(all, page, size, Urls.file(root, path)), all, lines);
        }

        /** Lists an entry. Chains of directories with a single subdirectory are shown as one line. */
        private Line line(Map.Entry<String, Entry> named, String prefix) {
            var below = named.getKey();
            var entry = named.getValue();
            while (entry instanceof Entry.Directory only
                    && only.entries().size() == 1
                    && only.entries().firstEntry().getValue() instanceof Entry.Directory next) {
                below += "/" + only.entries().firstKey();
                entry = next;
            }
            var path = prefix + below;
            var name = SurrogateEscapedText.toDisplayText(below);
            var url = Urls.file(root, path);
            boolean current = path.equals(file);
            return switch (entry) {
                case Entry.Directory directory ->
                    new Line(name, url, "directory", false, directory.entries().size(), "", current);
                case Entry.Regular regular ->
                    new Line(name, url, "file", regular.executable(), regular.size(), "", current);
                case Entry.Symlink link ->
                    new Line(name, url, "link", false, 0, SurrogateEscapedText.toDisplayText(link.target()), current);
            };
        }

        /**
         * Returns the URL of a symlink's target within this path; empty if the target is outside or missing, or the links form a
         * cycle.
         */
        private String followLink(String target) {
            var path = LinkTarget.of(subject.path().path(), file, target);
            for (int step = 0; step < LINK_STEPS && path.isPresent(); step++) {
                var entry = tree.listing().find(path.get());
                if (!(entry.orElse(null) instanceof Entry.Symlink next)) {
                    return entry.isPresent() ? Urls.file(root, path.get()) : "";
                }
                path = LinkTarget.of(subject.path().path(), path.get(), next.target());
            }
            return "";
        }

        private FileContent content(Entry.Regular regular) throws IOException {
            var seen = FileText.of(tree.content(regular), name(subject, file));
            var html = seen.document() && !source
                    ? seen.text().flatMap(text -> ReadmeRenderer.html(text, links()))
                    : Optional.<String>empty();
            return seen.facts(regular, Urls.file(root, file), source, html);
        }

        /** Returns a resolver for links relative to the file's folder. */
        private ReadmeLinks links() {
            var places = Lazy.of(() -> new ReadmeFileIndex(tree.listing()));
            return new ReadmeLinks(folder(file), path -> places.get().find(path).map(found -> Urls.file(root, found)));
        }
    }
}
