package dev.narthex.web;

import dev.narthex.content.Content;
import dev.narthex.nix.NarListing;
import dev.narthex.publish.PathReader;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;

/** Opens store paths to be looked into. */
@ApplicationScoped
class FileTrees {
    private final PathReader reader;

    FileTrees(PathReader reader) {
        this.reader = reader;
    }

    /** @param asFile whether a path that is an archive is wanted as the file that it is */
    FileTree of(Subject subject, boolean asFile) throws IOException {
        return new OfNar(subject, reader.listing(subject.path()));
    }

    private final class OfNar implements FileTree {
        private final Subject subject;
        private final NarListing listing;

        private OfNar(Subject subject, NarListing listing) {
            this.subject = subject;
            this.listing = listing;
        }

        @Override
        public NarListing listing() {
            return listing;
        }

        @Override
        public Content content(NarListing.Entry.Regular file) throws IOException {
            return reader.file(subject.path(), file);
        }
    }
}
