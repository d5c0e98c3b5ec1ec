package dev.narthex.spi;

import java.util.function.Consumer;

/** The only door of an ecosystem to the rest. Asks for the right of the request's principal before it hands anything out. */
public interface Registries {
    /**
     * For reading one cache.
     *
     * @throws dev.narthex.problem.ProblemException Unauthorized or NotFound, the same for private and absent caches
     */
    Registry read(String cache);

    /**
     * For taking a file before it is known which package it is of, since only the request's body tells. Once it is known,
     * {@link #write} judges that.
     *
     * @throws dev.narthex.problem.ProblemException Unauthorized, Forbidden or NotFound for whoever may publish nothing here
     */
    Intake intake(String cache);

    /**
     * For changing one package of a cache, which need not be there yet.
     *
     * @throws dev.narthex.problem.ProblemException Unauthorized, Forbidden or NotFound
     */
    PackageWriter write(String cache, Intent intent, String ecosystem, String normalised);

    /**
     * Marks a package as one that the person who asks likes, or no longer; nobody else's mark changes.
     *
     * @param check sees the package as it is at this moment, and stays until it is marked
     * @throws dev.narthex.problem.ProblemException Unauthorized or NotFound; Forbidden for a token that is nobody's or
     *     only reads; whatever {@code check} throws
     */
    void star(Starred of, Consumer<PackageView> check);

    /** @param starred whether it is to be marked from now on */
    record Starred(String cache, String ecosystem, String normalised, boolean starred) {}

    /** What somebody means to do to a package. */
    enum Intent {
        /** Send a version of it. */
        PUBLISH,
        /** Tag, withdraw and remove versions. */
        MAINTAIN
    }
}
