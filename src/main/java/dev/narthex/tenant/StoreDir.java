package dev.narthex.tenant;

import dev.narthex.nix.StorePath;
import dev.narthex.problem.Problem;
import java.util.Optional;

/** Caches may say where their store is, as long as it is where nix has it. */
public final class StoreDir {
    private StoreDir() {}

    /** @throws dev.narthex.problem.ProblemException Malformed for another one */
    public static void require(String field, Optional<String> given) {
        given.filter(dir -> !dir.equals(StorePath.STORE_DIR)).ifPresent(dir -> {
            throw new Problem.Malformed(field, dir, "only caches of " + StorePath.STORE_DIR + " are kept here.")
                    .asException();
        });
    }
}
