package dev.narthex.spi;

/** The only door of an ecosystem to the rest. Asks for the right of the request's principal before it hands anything out. */
public interface Registries {
    /**
     * For reading one cache.
     *
     * @throws dev.narthex.problem.ProblemException Unauthorized or NotFound, the same for private and absent caches
     */
    Registry read(String cache);
}
