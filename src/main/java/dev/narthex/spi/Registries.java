package dev.narthex.spi;

/** The only door of an ecosystem to the rest. Asks for the right of the request's principal before it hands anything out. */
public interface Registries {
    /**
     * For reading one cache.
     *
     * @throws dev.narthex.problem.ProblemException Unauthorized or NotFound, the same for private and absent caches
     */
    Registry read(String cache);

    /**
     * For changing one package of a cache, which need not be there yet.
     *
     * @throws dev.narthex.problem.ProblemException Unauthorized, Forbidden or NotFound
     */
    PackageWriter write(String cache, Intent intent, String ecosystem, String normalised);

    /** What somebody means to do to a package. */
    enum Intent {
        /** Send a version of it. */
        PUBLISH,
        /** Tag, withdraw and remove versions. */
        MAINTAIN
    }
}
