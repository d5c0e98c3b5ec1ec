package dev.narthex.web.files;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.narthex.http.Content;
import dev.narthex.nix.Compression;
import dev.narthex.nix.NarListing;
import dev.narthex.nix.NixHash;
import dev.narthex.problem.ProblemException;
import dev.narthex.store.pack.DamagedException;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.Objects;
import java.util.Optional;
import org.apache.commons.compress.archivers.ArchiveEntry;
import org.apache.commons.compress.archivers.ArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipArchiveInputStream;

/**
 * Lists and reads the contents of archives in the store. To nix, an npm tarball or a wheel is a single file, but users want to see
 * what is in it. The format is detected from the first bytes, because each registry has its own file names. Archives are read as
 * streams from the front: a central directory at the end may contain wrong sizes or exhaust memory. Archives above
 * {@link #MAX_BYTES} or {@link #MAX_ENTRIES} are treated as plain files.
 */
@ApplicationScoped
class Archives {
    private static final byte[] ZIP = {'P', 'K', 3, 4};
    private static final long MAX_BYTES = 128L << 20;
    private static final int MAX_ENTRIES = 20_000;
    private static final int KEPT_ENTRIES = 200_000;
    private static final int EXECUTABLE = 0100;

    private final Cache<NixHash, Optional<NarListing>> listings = Caffeine.newBuilder()
            .maximumWeight(KEPT_ENTRIES)
            .weigher((NixHash hash, Optional<NarListing> listing) ->
                    1 + listing.map(l -> l.files().size()).orElse(0))
            .build();

    /**
     * Returns the listing of an archive; empty if the content is not an archive or exceeds the limits. Results are cached.
     *
     * @param narHash identifies the content in the cache
     */
    Optional<NarListing> listing(NixHash narHash, Content archive) throws DamagedException {
        var listing = listings.getIfPresent(narHash);
        if (listing == null) {
            listing = scan(archive);
            listings.put(narHash, listing);
        }
        return listing;
    }

    private static Optional<NarListing> scan(Content archive) throws DamagedException {
        var tree = new ArchiveListing();
        long left = MAX_BYTES;
        try (var entries = open(archive)) {
            int number = 0;
            for (var entry = entries.getNextEntry(); entry != null; entry = entries.getNextEntry()) {
                if (!readable(entry)) {
                    return Optional.empty();
                }
                long size = skip(entries, left);
                left -= size;
                if (left <= 0 || ++number > MAX_ENTRIES) {
                    return Optional.empty();
                }
                add(tree, entry, number, size);
            }
        } catch (DamagedException e) {
            // damage in the store says nothing about the archive, and caching the result would outlive the repair
            throw e;
        } catch (IOException | IllegalArgumentException | ProblemException e) {
            return Optional.empty();
        }
        return tree.build();
    }

    /**
     * Returns whether the entry can be read safely. Other zip methods allocate as much memory as the archive demands, and no
     * registry uses them.
     */
    private static boolean readable(ArchiveEntry entry) {
        return switch (entry) {
            case TarArchiveEntry tar -> tar.isCheckSumOK();
            case ZipArchiveEntry zip ->
                zip.getMethod() == ZipArchiveEntry.STORED || zip.getMethod() == ZipArchiveEntry.DEFLATED;
            default -> true;
        };
    }

    private static void add(ArchiveListing tree, ArchiveEntry entry, int number, long size) {
        var link = entry instanceof TarArchiveEntry tar && tar.isSymbolicLink() ? tar.getLinkName() : "";
        boolean special = entry instanceof TarArchiveEntry tar && !tar.isFile() && !tar.isDirectory() && link.isEmpty();
        if (!link.isEmpty()) {
            tree.link(entry.getName(), link);
        } else if (!entry.isDirectory() && !special) {
            tree.file(entry.getName(), executable(entry), size, number);
        }
    }

    private static boolean executable(ArchiveEntry entry) {
        int mode = switch (entry) {
            case TarArchiveEntry tar -> tar.getMode();
            case ZipArchiveEntry zip -> zip.getUnixMode();
            default -> 0;
        };
        return (mode & EXECUTABLE) != 0;
    }

    private static long skip(InputStream in, long max) throws IOException {
        var buffer = new byte[64 * 1024];
        long size = 0;
        for (int n = in.read(buffer); n >= 0 && size <= max; n = in.read(buffer)) {
            size += n;
        }
        return size;
    }

    private static ArchiveInputStream<? extends ArchiveEntry> open(Content archive) throws IOException {
        var bytes = new BufferedInputStream(archive.open());
        try {
            bytes.mark(ZIP.length);
            boolean zip = Arrays.equals(bytes.readNBytes(ZIP.length), ZIP);
            bytes.reset();
            return zip
                    ? new ZipArchiveInputStream(bytes, "UTF-8", true, true)
                    : new TarArchiveInputStream(new ClosingInputStream(Compression.decompress(bytes), bytes), "UTF-8");
        } catch (IOException | RuntimeException e) {
            bytes.close();
            throw e;
        }
    }

    /** A decoder that also closes its source. */
    private static final class ClosingInputStream extends FilterInputStream {
        private final InputStream source;

        private ClosingInputStream(InputStream decoder, InputStream source) {
            super(decoder);
            this.source = source;
        }

        @Override
        public void close() throws IOException {
            try (source) {
                super.close();
            }
        }
    }

    /**
     * Visits files as {@link FileTree#visit} does. Entries between the wanted ones must be decoded too, so they count toward the
     * limit.
     */
    static void visit(Content archive, Collection<NarListing.Entry.Regular> files, long max, FileTree.FileVisitor visit)
            throws IOException {
        var wanted = files.stream()
                .sorted(Comparator.comparingLong(NarListing.Entry.Regular::narOffset))
                .toList();
        try (var entries = open(archive)) {
            long number = 0;
            long left = max;
            for (var file : wanted) {
                for (; number < file.narOffset(); number++) {
                    left -= number == 0 ? 0 : skip(entries, left);
                    if (left <= 0 || entries.getNextEntry() == null) {
                        return;
                    }
                }
                var bytes = new BoundedInputStream(entries, file.size());
                visit.file(file, bytes);
                left -= file.size() - bytes.remainingBytes();
            }
        }
    }

    /** A file in an archive, located by its position. */
    record ArchivedFile(Content archive, NarListing.Entry.Regular entry) implements Content {
        @Override
        public long length() {
            return entry.size();
        }

        @Override
        public InputStream open(long from, long count) throws IOException {
            Objects.checkFromIndexSize(from, count, length());
            var entries = Archives.open(archive);
            try {
                for (long number = 0; number < entry.narOffset(); number++) {
                    if (entries.getNextEntry() == null) {
                        throw new EOFException("the archive has become shorter");
                    }
                }
                entries.skipNBytes(from);
                return new BoundedInputStream(entries, count);
            } catch (IOException e) {
                entries.close();
                throw e;
            }
        }
    }
}
