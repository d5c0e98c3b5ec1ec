package dev.narthex.web;

import dev.narthex.content.Content;
import dev.narthex.nix.NarListing;
import java.io.IOException;
import java.io.InputStream;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/** What is inside a store path, to be looked at. Links are shown and never followed out. */
interface FileTree {
    NarListing listing();

    /** The bytes of a regular file of the listing. */
    Content content(NarListing.Entry.Regular file);

    /**
     * The first bytes of some regular files of the listing.
     *
     * @param most bytes of each
     */
    default Map<NarListing.Entry.Regular, byte[]> heads(Collection<NarListing.Entry.Regular> files, int most)
            throws IOException {
        var heads = new HashMap<NarListing.Entry.Regular, byte[]>();
        visit(files, Long.MAX_VALUE, (file, bytes) -> heads.put(file, bytes.readNBytes(most)));
        return heads;
    }

    /** Whether this is the inside of an archive, which itself is the store path. */
    boolean inArchive();

    /**
     * Reads many files of the listing in one pass from the front.
     *
     * @param most bytes that the pass may read, with what it must read between the files; files behind that are not visited
     */
    void visit(Collection<NarListing.Entry.Regular> files, long most, Visit visit) throws IOException;

    interface Visit {
        /** @param bytes of this file; need not be read to their end; whoever visits leaves them open */
        void file(NarListing.Entry.Regular file, InputStream bytes) throws IOException;
    }
}
