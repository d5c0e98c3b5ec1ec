package dev.narthex.access;

/** What a request wants of a cache. */
public enum Action {
    /** Pages and registries. */
    READ,
    /** The same, by nix, which is told "not valid" nowhere: with a bad credential it reads what everyone may read. */
    PULL,
    /** Store paths, logs, metadata. */
    PUSH;

    boolean reads() {
        return this != PUSH;
    }
}
