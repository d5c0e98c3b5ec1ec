package dev.narthex.store.pack;

/** The name of an object in a backend. A name is never reused. */
public sealed interface StoreKey permits PackKey, SnapshotKey {
    /** Path of the object, with slashes between folders; the same in a directory and in a bucket. */
    String path();

    /** File name of the object while it is being written; contains no slashes. */
    String temporaryName();
}
