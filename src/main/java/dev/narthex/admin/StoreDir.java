package dev.narthex.admin;

import dev.narthex.nix.StorePath;
import dev.narthex.problem.Problem;
import java.util.Optional;

/** Checks the store directory in requests: only caches of nix's default store are supported. */
public final class StoreDir {
    private StoreDir() {}

    /** @throws dev.narthex.problem.ProblemException Malformed for any other directory */
    public static void require(String field, Optional<String> given) {
        given.filter(dir -> !dir.equals(StorePath.STORE_DIR)).ifPresent(dir -> {
            throw Problem.malformed(field, dir, "only caches of " + StorePath.STORE_DIR + " are kept here.");
        });
    }
}
