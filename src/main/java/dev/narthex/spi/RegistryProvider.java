package dev.narthex.spi;

import java.util.function.Consumer;

/**
 * An ecosystem's only access to the rest of Narthex. Checks the permissions of the request's principal before it returns a
 * handle.
 */
public interface RegistryProvider {
    /**
     * Returns a cache for reading.
     *
     * @throws dev.narthex.problem.ProblemException Unauthorized or NotFound, identical for private and absent caches
     */
    Registry read(String cache);

    /**
     * Returns a handle for receiving a file whose package is known only after reading the request body. Call {@link #write} once
     * it is known; that checks the right to the package.
     *
     * @throws dev.narthex.problem.ProblemException Unauthorized, Forbidden or NotFound if the caller may publish nothing in this
     *     cache
     */
    UploadIntake intake(String cache);

    /**
     * Returns one package of a cache for changing. The package need not exist yet.
     *
     * @throws dev.narthex.problem.ProblemException Unauthorized, Forbidden or NotFound
     */
    PackageWriter write(String cache, WriteIntent intent, String ecosystem, String normalized);

    /**
     * Adds or removes the caller's star on a package. Stars of others do not change.
     *
     * @param check sees the package, which is locked until the star is stored
     * @throws dev.narthex.problem.ProblemException Unauthorized or NotFound; Forbidden for a token that belongs to no person or
     *     can only read; any exception of {@code check}
     */
    void star(StarRequest request, Consumer<PackageInfo> check);

    /** @param starred true to add the star, false to remove it */
    record StarRequest(String cache, String ecosystem, String normalized, boolean starred) {}

    /** Purpose of a write. */
    enum WriteIntent {
        /** Publish a version. */
        PUBLISH,
        /** Tag, withdraw and remove versions. */
        MAINTAIN
    }
}
