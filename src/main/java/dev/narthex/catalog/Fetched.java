package dev.narthex.catalog;

import java.time.LocalDate;

/** What was fetched on a day, as cheaply as it can be told when it is fetched. Days are those of UTC. */
sealed interface Fetched {
    LocalDate day();

    /** A file of a registry. */
    record File(LocalDate day, long artifactId) implements Fetched {}

    /** A NAR. Which store path nix wanted, it does not say. */
    record Nar(LocalDate day, long cacheId, long narId) implements Fetched {}
}
