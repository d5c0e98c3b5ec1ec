package dev.narthex.ecosystem.pypi;

import dev.narthex.archive.ArchiveLimits;
import dev.narthex.archive.ArchiveRejectedException;
import dev.narthex.archive.CountingSourceStream;
import dev.narthex.archive.TarReader;
import dev.narthex.archive.TarReader.Link;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/**
 * Reads a source distribution (packaging.python.org, "Source distribution format"): a tarball of one directory that contains
 * PKG-INFO. A tarball without PKG-INFO is something else; it is ignored, even if it is malformed.
 *
 * <p>Links may only point to entries within that directory. A target may contain {@code ..} only before other parts, and no entry
 * may be unpacked through a link. Then a link resolves to the same entry in any order of unpacking.
 */
final class Sdist {
    private final ArchiveLimits bounds = new ArchiveLimits();
    private final Set<String> links = new HashSet<>();
    private final Set<String> folders = new HashSet<>();
    private Optional<CoreMetadata> metadata = Optional.empty();
    private @Nullable ArchiveRejectedException wrong;

    private Sdist() {}

    static Optional<CoreMetadata> read(CountingSourceStream source) throws IOException {
        var archive = new Sdist();
        try {
            archive.readAll(source);
        } catch (IOException e) {
            if (source.failed() || archive.metadata.isPresent()) {
                throw e;
            }
            return Optional.empty();
        }
        if (archive.metadata.isPresent() && archive.wrong != null) {
            throw archive.wrong;
        }
        return archive.metadata;
    }

    private void readAll(CountingSourceStream source) throws IOException {
        var unpacked = ArchiveLimits.unpacked(new GZIPInputStream(source, 64 * 1024), source);
        var tar = new TarReader(unpacked);
        for (var entry = tar.next(); entry.isPresent(); entry = tar.next()) {
            try {
                addEntry(entry.get(), tar.content());
            } catch (ArchiveRejectedException e) {
                wrong = wrong == null ? e : wrong;
            }
        }
        unpacked.transferTo(OutputStream.nullOutputStream());
        if (links.stream().anyMatch(folders::contains)) {
            wrong = new ArchiveRejectedException("It unpacks files through a link.");
        }
    }

    private void addEntry(TarReader.Entry entry, InputStream content) throws IOException {
        var path = entry.path().startsWith("./") ? entry.path().substring(2) : entry.path();
        ArchiveLimits.checkInside(path);
        for (int slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1)) {
            folders.add(path.substring(0, slash));
        }
        switch (entry.link()) {
            case Link.Symbolic link -> {
                checkLink(path, path.substring(0, path.lastIndexOf('/') + 1), link.target());
                links.add(path);
            }
            case Link.Hard link -> checkLink(path, "", link.target());
            case Link.None none -> addEntry(path, entry, content);
        }
    }

    private void addEntry(String path, TarReader.Entry entry, InputStream content) throws IOException {
        switch (entry.kind()) {
            case DIRECTORY -> {}
            case OTHER -> throw new ArchiveRejectedException("It has a device or pipe.");
            case FILE -> {
                bounds.checkEntry(path);
                if (path.endsWith("/PKG-INFO") && path.indexOf('/') == path.lastIndexOf('/')) {
                    if (metadata.isPresent()) {
                        throw new ArchiveRejectedException("It has two PKG-INFO.");
                    }
                    var text = DistributionReader.text(content.readNBytes(CoreMetadata.BYTES + 1));
                    metadata = Optional.of(CoreMetadata.parse(text.orElse("")));
                    if (text.isEmpty()) {
                        throw new ArchiveRejectedException("Its PKG-INFO is no text in UTF-8 of at most 1 MiB.");
                    }
                }
            }
        }
    }

    /** @param from directory that the target is relative to, with a trailing slash; empty for that of the archive */
    private static void checkLink(String path, String from, String target) throws ArchiveRejectedException {
        var at = new ArrayList<String>();
        Stream.of(from.split("/")).filter(part -> !part.isEmpty()).forEach(at::add);
        var top = path.substring(0, Math.max(path.indexOf('/'), 0));
        if (!staysInside(target, at) || at.isEmpty() || !at.getFirst().equals(top)) {
            throw new ArchiveRejectedException(
                    "It contains a link that leads out of it: " + WheelRecord.shorten(path) + ".");
        }
    }

    /** Whether {@code ..} occurs only before other parts and the target stays within the archive. */
    private static boolean staysInside(String target, List<String> at) {
        boolean down = false;
        for (var part : target.split("/", -1)) {
            if (part.equals("..")) {
                if (down || at.isEmpty()) {
                    return false;
                }
                at.removeLast();
            } else if (!part.isEmpty() && !part.equals(".")) {
                down = true;
                at.add(part);
            }
        }
        return !target.isEmpty() && !target.startsWith("/") && target.indexOf('\\') < 0;
    }
}
