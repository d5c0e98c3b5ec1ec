package dev.narthex.archive;

import dev.narthex.nix.NarListing.Entry;
import dev.narthex.nix.SurrogateEscapedText;
import dev.narthex.spi.Candidate;
import dev.narthex.spi.NotOfferedException;
import dev.narthex.spi.UntrustedText;
import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * The files of a directory in a store path, in a form that a portable archive can hold: symlinks are resolved, names are valid
 * and distinct on all systems, sizes are within {@link ArchiveLimits}.
 */
public final class PortableTree {
    private static final int MAX_DEPTH = 64;
    private static final int NAME_BYTES = 255;
    private static final int PATH_BYTES = 1000;
    private static final int SHOWN = 200;

    private final Candidate candidate;
    private final SymlinkResolver links;
    private final Set<String> hashes;
    private final Predicate<String> filter;
    private final List<File> files = new ArrayList<>();
    private long total;
    private int entered;

    private PortableTree(Candidate candidate, Predicate<String> filter) {
        this.candidate = candidate;
        this.links = new SymlinkResolver(candidate.path(), candidate.listing());
        this.hashes = hashes(candidate);
        this.filter = filter;
    }

    /**
     * A file of the tree.
     *
     * @param path in the directory
     * @param source path in the store path where its bytes are
     * @param hashes hash parts of the store path's references, see {@link #hashes}
     */
    public record File(Candidate candidate, String path, String source, Entry.Regular entry, Set<String> hashes) {
        /** Opens the unmodified file. The caller closes the stream. */
        public InputStream open() throws IOException {
            return candidate.open(source);
        }

        /** Returns other content for this file, with the same checks. */
        public PortableFile toPortableFile(byte[] content, boolean executable) {
            var in = new PortabilityCheck(new ByteArrayInputStream(content), path, content.length, hashes);
            return new PortableFile(content.length, executable, in);
        }

        /** Returns the file for a portable archive, with a reverted shebang. */
        public PortableFile toPortableFile() throws IOException {
            var in = new BufferedInputStream(open(), ShebangRewriter.MAX_LENGTH);
            try {
                in.mark(ShebangRewriter.MAX_LENGTH);
                var shebang = ShebangRewriter.of(in);
                in.reset();
                long size = shebang.map(s -> s.size(entry.size())).orElse(entry.size());
                var content = shebang.isPresent() ? shebang.get().apply(in) : in;
                return new PortableFile(
                        size,
                        entry.executable() || shebang.isPresent(),
                        new PortabilityCheck(content, path, size, hashes));
            } catch (IOException e) {
                in.close();
                throw e;
            }
        }
    }

    /** Returns the hash parts of the paths that this one references, possibly including itself. */
    public static Set<String> hashes(Candidate candidate) {
        return candidate.references().stream()
                .map(base -> base.substring(0, Math.min(base.length(), 32)))
                .collect(Collectors.toUnmodifiableSet());
    }

    /**
     * A file on its way into an archive.
     *
     * @param executable whether it has the executable bit or had a patched shebang
     * @param content its bytes; reading fails with {@link NotOfferedException} if other machines could not use them. The
     * caller closes it
     */
    public record PortableFile(long size, boolean executable, InputStream content) {}

    /**
     * Finds one file; empty if it does not exist.
     *
     * @param path in the archive
     * @param source path in the store path, of the file or of a link to it
     * @throws NotOffered if archives cannot hold it
     */
    public static Optional<File> file(Candidate candidate, String path, String source) throws NotOfferedException {
        var tree = new PortableTree(candidate, any -> true);
        for (int slash = 0; slash >= 0; slash = path.indexOf('/', slash + 1)) {
            checkName(path, path.substring(slash == 0 ? 0 : slash + 1).replaceFirst("/.*", ""));
        }
        var entry = candidate.listing().find(source);
        if (entry.isPresent() && !(entry.get() instanceof Entry.Directory)) {
            tree.visit(path, source, entry.get(), 0);
        }
        return tree.files.size() == 1 && tree.files.getFirst().path().equals(path)
                ? Optional.of(tree.files.getFirst())
                : Optional.empty();
    }

    /** Folds a name as file systems do that ignore case and Unicode normalization. */
    public static String foldCase(String name) {
        return Normalizer.normalize(name, Normalizer.Form.NFC).toLowerCase(Locale.ROOT);
    }

    /**
     * Lists the files of a directory in the order of the NAR.
     *
     * @param folder path in the store path
     * @param filter whether a path in the directory, and everything below it, may be included
     * @throws NotOffered with the first reason why archives cannot hold a file
     */
    public static List<File> files(Candidate candidate, String folder, Predicate<String> filter)
            throws NotOfferedException {
        var tree = new PortableTree(candidate, filter);
        if (candidate.listing().find(folder).orElse(null) instanceof Entry.Directory directory) {
            tree.walk("", folder, directory, 0);
        }
        return tree.files;
    }

    /** Resolves a path to a directory; empty if it does not exist or is outside of the store path. */
    public static Optional<String> folder(Candidate candidate, String path) {
        try {
            var entry = candidate.listing().find(path);
            var at = entry.orElse(null) instanceof Entry.Symlink link
                    ? new SymlinkResolver(candidate.path(), candidate.listing()).resolve(path, link.target())
                    : Optional.of(path);
            return at.filter(p -> candidate.listing().find(p).orElse(null) instanceof Entry.Directory);
        } catch (NotOfferedException e) {
            return Optional.empty();
        }
    }

    private void walk(String path, String source, Entry.Directory folder, int depth) throws NotOfferedException {
        if (depth > MAX_DEPTH) {
            throw new NotOfferedException(shorten(path) + " is nested too deeply, or within cyclic links");
        }
        var seen = new HashSet<String>();
        for (var child : folder.entries().entrySet()) {
            var childPath = childPath(path, child.getKey());
            if (filter.test(childPath)) {
                checkName(childPath, child.getKey());
                if (!seen.add(foldCase(child.getKey()))) {
                    throw new NotOfferedException(
                            shorten(childPath) + " has a name that differs from another one only in case or form");
                }
                visit(childPath, childPath(source, child.getKey()), child.getValue(), depth);
            }
        }
    }

    private void visit(String path, String source, Entry entry, int depth) throws NotOfferedException {
        if (++entered > ArchiveLimits.ENTRIES) {
            throw new NotOfferedException("it has more than " + ArchiveLimits.ENTRIES + " files and folders");
        }
        switch (entry) {
            case Entry.Directory directory -> walk(path, source, directory, depth + 1);
            case Entry.Regular file -> add(path, source, file);
            case Entry.Symlink link -> {
                // Dangling links are dropped: npm tarballs and wheels contain no links.
                var target = links.resolve(source, link.target());
                if (target.isPresent()) {
                    visit(
                            path,
                            target.get(),
                            candidate.listing().find(target.get()).orElseThrow(),
                            depth + 1);
                }
            }
        }
    }

    private void add(String path, String source, Entry.Regular file) throws NotOfferedException {
        total += file.size();
        if (file.size() > ArchiveLimits.FILE_BYTES || total > ArchiveLimits.TOTAL_BYTES) {
            throw new NotOfferedException("it is larger than archives of packages may be");
        }
        files.add(new File(candidate, path, source, file, hashes));
    }

    private static void checkName(String path, String name) throws NotOfferedException {
        if (!SurrogateEscapedText.toDisplayText(name).equals(name)) {
            throw new NotOfferedException(shorten(path) + " has a name that is not UTF-8");
        }
        if (SurrogateEscapedText.encode(name).length > NAME_BYTES
                || SurrogateEscapedText.encode(path).length > PATH_BYTES) {
            throw new NotOfferedException(shorten(path) + " has too long a name");
        }
        if (name.chars().anyMatch(c -> c < ' ' || c == 0x7f || c == '\\') || name.matches("[A-Za-z]:.*")) {
            throw new NotOfferedException(shorten(path) + " has a name that is not valid on every system");
        }
    }

    private static String childPath(String folder, String name) {
        return folder.isEmpty() ? name : folder + "/" + name;
    }

    /** Shortens a very long path in the middle, for messages. */
    private static String shorten(String path) {
        var line = UntrustedText.line(path);
        return line.length() <= SHOWN
                ? line
                : UntrustedText.line(line.substring(0, SHOWN / 2)) + "…"
                        + UntrustedText.line(line.substring(line.length() - SHOWN / 2));
    }
}
