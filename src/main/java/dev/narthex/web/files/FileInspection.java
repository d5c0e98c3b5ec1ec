package dev.narthex.web.files;

import dev.narthex.nix.NarListing.Entry;
import dev.narthex.nix.StorePath;
import dev.narthex.nix.SurrogateEscapedText;
import dev.narthex.web.page.FileKind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Facts about a release's files that matter for security reviews, derived from names, modes and first bytes, without a judgment.
 * Counts are complete. Of each kind, the first files are listed, breadth-first in the order of the tree.
 *
 * @param files number of regular files
 * @param linksIntoStore number of symlinks to other store paths, which nix keeps as references
 * @param unread number of files that look like programs by name or mode but were not read
 */
public record FileInspection(
        long files,
        CountedList<String> executables,
        CountedList<Link> linksOut,
        long linksIntoStore,
        CountedList<Program> programs,
        long unread,
        CountedList<Licence> licences) {
    private static final int SHOWN = 20;
    private static final int MAX_READ = 200;
    private static final int HEAD = 1024;
    private static final int MAX_LINE_LENGTH = 100;

    private static final Pattern LIBRARY = Pattern.compile("(?i).*\\.(?:so(?:\\.[0-9.]+)?|node|dylib|dll|exe|pyd|a|o)");

    private static final Pattern LICENCE =
            Pattern.compile("(?i)(?:.*[-_.])?(?:licen[cs]es?|copying|unlicen[cs]e|copyright)(?:[-_.].*)?");

    /** Source files that mention licenses in their name only because they process them. */
    private static final Pattern CODE =
            Pattern.compile("(?i).*\\.(?:[cm]?[jt]sx?|map|json|ya?ml|toml|pyi?|rb|go|rs|java|[ch]|cc|cpp|css|so|node)");

    private static final Set<String> NATIVE = Set.of("ELF binary", "Mach-O binary", "Windows binary", "static library");

    /** @param first at most {@value #SHOWN} items */
    public record CountedList<T>(long count, List<T> first) {}

    /** @param file path from the root, as in the listing */
    public record Link(String file, String target) {}

    /** @param kind description from {@link FileKind} */
    public record Program(String file, String kind) {}

    /** @param begins first line with letters; empty if the file is not text */
    public record Licence(String file, String begins) {}

    /** @param path store path that is, or contains, the tree */
    public static FileInspection of(FileTree tree, StorePath path) throws IOException {
        var walk = new TreeWalk(path);
        walk.inspectTree(tree.listing().root());
        var candidates = walk.candidates.stream().limit(MAX_READ).toList();
        var licenseFiles = walk.licences.stream().limit(SHOWN).toList();
        var heads = tree.firstBytes(
                Stream.concat(candidates.stream(), licenseFiles.stream())
                        .map(NamedFile::entry)
                        .toList(),
                HEAD);
        var programs = candidates.stream()
                .map(file -> new Program(
                        file.path,
                        FileKind.of(heads.getOrDefault(file.entry, new byte[0])).words()))
                .filter(program -> NATIVE.contains(program.kind))
                .toList();
        var licences = licenseFiles.stream()
                .map(file -> new Licence(file.path, begins(heads.getOrDefault(file.entry, new byte[0]))))
                .toList();
        return new FileInspection(
                walk.files,
                counted(walk.executables),
                counted(walk.linksOut),
                walk.linksIntoStore,
                counted(programs),
                walk.candidates.size() - candidates.size(),
                new CountedList<>(walk.licences.size(), licences));
    }

    private static <T> CountedList<T> counted(List<T> all) {
        return new CountedList<>(all.size(), all.stream().limit(SHOWN).toList());
    }

    /** Returns the first line that contains a letter, truncated; empty if the file is not text. */
    private static String begins(byte[] head) {
        if (!FileKind.of(head).text()) {
            return "";
        }
        return SurrogateEscapedText.toDisplayText(new String(head, StandardCharsets.UTF_8)
                .lines()
                .map(line -> line.replaceAll("[\\p{Cntrl}\\s]+", " ").strip())
                .filter(line -> line.codePoints().anyMatch(Character::isLetter))
                .findFirst()
                .map(line -> line.substring(0, Math.min(line.length(), MAX_LINE_LENGTH)))
                .orElse(""));
    }

    private record NamedFile(String path, Entry.Regular entry) {}

    /** A breadth-first walk through a tree, which may have hundreds of thousands of files. */
    private static final class TreeWalk {
        private final StorePath storePath;
        private final ArrayDeque<Folder> folders = new ArrayDeque<>();
        private final List<String> executables = new ArrayList<>();
        private final List<Link> linksOut = new ArrayList<>();
        private final List<NamedFile> candidates = new ArrayList<>();
        private final List<NamedFile> licences = new ArrayList<>();
        private long files;
        private long linksIntoStore;

        TreeWalk(StorePath path) {
            this.storePath = path;
        }

        private record Folder(String prefix, Entry.Directory directory) {}

        void inspectTree(Entry root) {
            inspect("", root);
            while (!folders.isEmpty()) {
                var folder = folders.remove();
                folder.directory.entries().forEach((name, entry) -> inspect(folder.prefix + name, entry));
            }
            // libraries first: their names are conclusive, but most files that are only executable are scripts
            candidates.sort(Comparator.comparing(
                    (NamedFile file) -> !LIBRARY.matcher(file.path).matches()));
        }

        private void inspect(String path, Entry entry) {
            switch (entry) {
                case Entry.Directory directory -> folders.add(new Folder(path.isEmpty() ? "" : path + "/", directory));
                case Entry.Regular file -> inspect(path, file);
                case Entry.Symlink link -> inspect(path, link.target());
            }
        }

        private void inspect(String path, Entry.Regular file) {
            files++;
            if (file.executable()) {
                executables.add(path);
            }
            if (file.executable() || LIBRARY.matcher(path).matches()) {
                candidates.add(new NamedFile(path, file));
            }
            var name = path.substring(path.lastIndexOf('/') + 1);
            if (LICENCE.matcher(name).matches() && !CODE.matcher(name).matches()) {
                licences.add(new NamedFile(path, file));
            }
        }

        private void inspect(String path, String target) {
            if (LinkTarget.of(storePath, path, target).isPresent()) {
                return;
            }
            if (target.startsWith(StorePath.STORE_DIR + "/")) {
                linksIntoStore++;
            } else {
                linksOut.add(new Link(path, target));
            }
        }
    }
}
