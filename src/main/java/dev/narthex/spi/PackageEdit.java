package dev.narthex.spi;

import java.util.Optional;

/** Changes to one package. All changes of one edit are applied or none, and the package is locked meanwhile. */
public interface PackageEdit {
    /** @throws dev.narthex.problem.ProblemException NotFound if the version does not exist */
    void tag(String tag, String version);

    /** @throws dev.narthex.problem.ProblemException NotFound if the tag does not exist */
    void untag(String tag);

    /**
     * Withdraws a version, or advises against it, without removing it.
     *
     * @param kind a word of the ecosystem, as in {@link ReleaseInfo#withdrawals}
     * @param reason empty to undo the withdrawal
     * @throws dev.narthex.problem.ProblemException NotFound if the version does not exist
     */
    void withdraw(String version, String kind, Optional<String> reason);

    /**
     * Removes a version permanently. Its file names can never be used for other bytes.
     *
     * @throws dev.narthex.problem.ProblemException NotFound if the version does not exist
     */
    default void remove(String version) {
        remove(version, "");
    }

    /** @param reason shown to clients that request the version later; may be empty */
    void remove(String version, String reason);

    /** Applies changes to the current state of a package. */
    @FunctionalInterface
    interface ChangeFunction {
        void apply(PackageInfo now, PackageEdit edit);
    }
}
