package dev.narthex.web.files;

import dev.narthex.catalog.path.PathInfo;
import dev.narthex.http.Content;
import dev.narthex.nix.NarListing;
import dev.narthex.nix.NarListing.Entry;
import dev.narthex.publish.recognize.PathReader;
import dev.narthex.spi.Artifact;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.util.Collection;
import java.util.Optional;

/** Opens the files of store paths for browsing. */
@ApplicationScoped
public class FileTreeFactory {
    private final PathReader reader;
    private final Archives archives;

    FileTreeFactory(PathReader reader, Archives archives) {
        this.reader = reader;
        this.archives = archives;
    }

    /** @param whole whether an archive is opened as a single file instead of its contents */
    public FileTree of(BrowseTarget subject, boolean whole) throws IOException {
        var path = subject.path();
        var listing = reader.listing(path);
        var nar = reader.nar(path);
        if (!whole && listing.root() instanceof Entry.Regular file) {
            var archive = nar.slice(file.narOffset(), file.size());
            var inside = archives.listing(path.narHash(), archive);
            if (inside.isPresent()) {
                return new ArchiveTree(archive, inside.get());
            }
        }
        return new NarTree(nar, listing);
    }

    /**
     * Opens an artifact as an archive, wherever its bytes are in the store path.
     *
     * @return empty if it is not an archive or exceeds the limits of {@link Archives}
     */
    public Optional<FileTree> of(PathInfo path, Artifact file) throws IOException {
        var archive = reader.nar(path).slice(file.offset(), file.length());
        return archives.listing(file.sha256(), archive).map(listing -> new ArchiveTree(archive, listing));
    }

    private record NarTree(Content nar, NarListing listing) implements FileTree {
        @Override
        public Content content(Entry.Regular file) {
            return nar.slice(file.narOffset(), file.size());
        }

        @Override
        public boolean inArchive() {
            return false;
        }

        @Override
        public void visit(Collection<Entry.Regular> files, long max, FileVisitor visit) throws IOException {
            SequentialNarReader.overNar(nar, files, max, visit);
        }
    }

    private record ArchiveTree(Content archive, NarListing listing) implements FileTree {
        @Override
        public Content content(Entry.Regular file) {
            return new Archives.ArchivedFile(archive, file);
        }

        @Override
        public boolean inArchive() {
            return true;
        }

        @Override
        public void visit(Collection<Entry.Regular> files, long max, FileVisitor visit) throws IOException {
            Archives.visit(archive, files, max, visit);
        }
    }
}
