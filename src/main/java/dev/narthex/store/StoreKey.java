package dev.narthex.store;

/** The name of an object in a backend. Never used twice. */
public sealed interface StoreKey permits PackKey, SnapshotKey {
    /** Folders and a name, the same in a directory and in a bucket. */
    String path();

    /** The object's name among all that are being written, in one piece. */
    String unfinished();
}
