package dev.narthex.web;

import dev.narthex.content.Content;
import dev.narthex.nix.NarListing;

/** What is inside a store path, to be looked at. Links are shown and never followed out. */
interface FileTree {
    NarListing listing();

    /** The bytes of a regular file of the listing. */
    Content content(NarListing.Entry.Regular file);

    /** Whether this is the inside of an archive, which itself is the store path. */
    boolean inArchive();
}
