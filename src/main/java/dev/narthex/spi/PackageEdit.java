package dev.narthex.spi;

import java.util.Optional;

/** Changes to one package. All that are made together are made or none is, and nobody else changes it meanwhile. */
public interface PackageEdit {
    /** @throws dev.narthex.problem.ProblemException NotFound if there is no such version */
    void tag(String tag, String version);

    /** @throws dev.narthex.problem.ProblemException NotFound if there is no such tag */
    void untag(String tag);

    /**
     * Takes a version back, or advises against it, without removing it.
     *
     * @param kind a word of the ecosystem, as in {@link ReleaseView#withdrawals}
     * @param reason empty if it stands again
     * @throws dev.narthex.problem.ProblemException NotFound if there is no such version
     */
    void withdraw(String version, String kind, Optional<String> reason);

    /**
     * Removes a version for good: its file names never stand for other bytes.
     *
     * @throws dev.narthex.problem.ProblemException NotFound if there is no such version
     */
    default void remove(String version) {
        remove(version, "");
    }

    /** @param reason that is told to whoever comes for it; may be empty */
    void remove(String version, String reason);

    /** Makes changes to a package as it is now. */
    @FunctionalInterface
    interface Changes {
        void make(PackageView now, PackageEdit edit);
    }
}
