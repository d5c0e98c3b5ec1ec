package dev.narthex.web.files;

import dev.narthex.http.Content;
import dev.narthex.nix.NarListing;
import java.io.IOException;
import java.io.InputStream;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/** The files of a store path, for browsing. Symlinks are listed but never followed out of the path. */
public interface FileTree {
    NarListing listing();

    /** Returns the content of a regular file of the listing. */
    Content content(NarListing.Entry.Regular file);

    /**
     * Reads the first bytes of regular files of the listing.
     *
     * @param max maximum number of bytes of each file
     */
    default Map<NarListing.Entry.Regular, byte[]> firstBytes(Collection<NarListing.Entry.Regular> files, int max)
            throws IOException {
        var heads = new HashMap<NarListing.Entry.Regular, byte[]>();
        visit(files, Long.MAX_VALUE, (file, bytes) -> heads.put(file, bytes.readNBytes(max)));
        return heads;
    }

    /** Returns whether the tree is the contents of an archive; the store path is then the archive file. */
    boolean inArchive();

    /**
     * Reads many files of the listing in one pass from the front.
     *
     * @param max maximum number of bytes to read, including those between the files; files beyond the limit are skipped
     */
    void visit(Collection<NarListing.Entry.Regular> files, long max, FileVisitor visit) throws IOException;

    interface FileVisitor {
        /** @param bytes content of the file; may be left partly unread, and must not be closed by the visitor */
        void file(NarListing.Entry.Regular file, InputStream bytes) throws IOException;
    }
}
