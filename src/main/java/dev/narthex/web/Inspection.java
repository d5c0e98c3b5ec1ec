package dev.narthex.web;

import dev.narthex.nix.ByteText;
import dev.narthex.nix.NarListing.Entry;
import dev.narthex.nix.StorePath;
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
 * What careful readers look for in the files of a release: told from names, modes and first bytes, and never judged. Of each
 * kind all are counted, and the first ones in the order of the tree are named, those nearer to the root before others.
 *
 * @param files regular ones
 * @param linksIntoStore links to other store paths, which nix keeps along with this one
 * @param unread files that look like programs by name or mode, and of which nobody read what they are
 */
record Inspection(
        long files,
        Counted<String> executables,
        Counted<Link> linksOut,
        long linksIntoStore,
        Counted<Program> programs,
        long unread,
        Counted<Licence> licences) {
    private static final int SHOWN = 20;
    private static final int MOST_READ = 200;
    private static final int HEAD = 1024;
    private static final int LONGEST_LINE = 100;

    private static final Pattern LIBRARY = Pattern.compile("(?i).*\\.(?:so(?:\\.[0-9.]+)?|node|dylib|dll|exe|pyd|a|o)");

    private static final Pattern LICENCE =
            Pattern.compile("(?i)(?:.*[-_.])?(?:licen[cs]es?|copying|unlicen[cs]e|copyright)(?:[-_.].*)?");

    /** Code that only speaks of licences. */
    private static final Pattern CODE =
            Pattern.compile("(?i).*\\.(?:[cm]?[jt]sx?|map|json|ya?ml|toml|pyi?|rb|go|rs|java|[ch]|cc|cpp|css|so|node)");

    private static final Set<String> NATIVE = Set.of("ELF binary", "Mach-O binary", "Windows binary", "static library");

    /** @param first at most {@value #SHOWN} of them */
    record Counted<T>(long count, List<T> first) {}

    /** @param file path from the root, as in the listing */
    record Link(String file, String target) {}

    /** @param kind in words of {@link FileKind} */
    record Program(String file, String kind) {}

    /** @param begins its first line; empty if it is no text */
    record Licence(String file, String begins) {}

    /** @param own the store path that the tree is, or is in */
    static Inspection of(FileTree tree, StorePath own) throws IOException {
        var walk = new Walk(own);
        walk.through(tree.listing().root());
        var read = walk.candidates.stream().limit(MOST_READ).toList();
        var named = walk.licences.stream().limit(SHOWN).toList();
        var heads = tree.heads(
                Stream.concat(read.stream(), named.stream()).map(Named::entry).toList(), HEAD);
        var programs = read.stream()
                .map(file -> new Program(
                        file.path,
                        FileKind.of(heads.getOrDefault(file.entry, new byte[0])).words()))
                .filter(program -> NATIVE.contains(program.kind))
                .toList();
        var licences = named.stream()
                .map(file -> new Licence(file.path, begins(heads.getOrDefault(file.entry, new byte[0]))))
                .toList();
        return new Inspection(
                walk.files,
                counted(walk.executables),
                counted(walk.linksOut),
                walk.linksIntoStore,
                counted(programs),
                walk.candidates.size() - read.size(),
                new Counted<>(walk.licences.size(), licences));
    }

    private static <T> Counted<T> counted(List<T> all) {
        return new Counted<>(all.size(), all.stream().limit(SHOWN).toList());
    }

    /** Of a text the first line with a letter in it, and no more of it than a reader takes in. */
    private static String begins(byte[] head) {
        if (!FileKind.of(head).text()) {
            return "";
        }
        return ByteText.shown(new String(head, StandardCharsets.UTF_8)
                .lines()
                .map(line -> line.replaceAll("[\\p{Cntrl}\\s]+", " ").strip())
                .filter(line -> line.codePoints().anyMatch(Character::isLetter))
                .findFirst()
                .map(line -> line.substring(0, Math.min(line.length(), LONGEST_LINE)))
                .orElse(""));
    }

    private record Named(String path, Entry.Regular entry) {}

    /** One walk through a tree, which may have hundreds of thousands of files. */
    private static final class Walk {
        private final StorePath own;
        private final ArrayDeque<Folder> folders = new ArrayDeque<>();
        private final List<String> executables = new ArrayList<>();
        private final List<Link> linksOut = new ArrayList<>();
        private final List<Named> candidates = new ArrayList<>();
        private final List<Named> licences = new ArrayList<>();
        private long files;
        private long linksIntoStore;

        Walk(StorePath own) {
            this.own = own;
        }

        private record Folder(String prefix, Entry.Directory directory) {}

        void through(Entry root) {
            look("", root);
            while (!folders.isEmpty()) {
                var folder = folders.remove();
                folder.directory.entries().forEach((name, entry) -> look(folder.prefix + name, entry));
            }
            // a library says by its name what it is; of programs that are only marked as such most are scripts
            candidates.sort(Comparator.comparing(
                    (Named file) -> !LIBRARY.matcher(file.path).matches()));
        }

        private void look(String path, Entry entry) {
            switch (entry) {
                case Entry.Directory directory -> folders.add(new Folder(path.isEmpty() ? "" : path + "/", directory));
                case Entry.Regular file -> look(path, file);
                case Entry.Symlink link -> look(path, link.target());
            }
        }

        private void look(String path, Entry.Regular file) {
            files++;
            if (file.executable()) {
                executables.add(path);
            }
            if (file.executable() || LIBRARY.matcher(path).matches()) {
                candidates.add(new Named(path, file));
            }
            var name = path.substring(path.lastIndexOf('/') + 1);
            if (LICENCE.matcher(name).matches() && !CODE.matcher(name).matches()) {
                licences.add(new Named(path, file));
            }
        }

        private void look(String path, String target) {
            if (Inside.of(own, path, target).isPresent()) {
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
