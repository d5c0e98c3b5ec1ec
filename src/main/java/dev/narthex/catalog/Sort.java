package dev.narthex.catalog;

/** Order of a list of packages. */
public enum Sort {
    NAME,
    /** Newest default release first. */
    NEWEST,
    /** Most depended on first. */
    DEPENDENTS
}
