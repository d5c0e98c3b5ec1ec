package dev.narthex.spi;

import dev.narthex.nix.HashAlgorithm;
import java.util.List;

/** What became of a package's tree. */
public sealed interface Transcoded {
    /**
     * A file that can be made of it.
     *
     * @param name of the package, as its publisher writes it
     * @param dependencies in the manifest's order
     * @param filename under which clients fetch it
     * @param address the digest that this ecosystem's clients check
     */
    record Offer(
            String name,
            String version,
            Facts facts,
            List<Dependency> dependencies,
            String filename,
            HashAlgorithm address,
            Maker maker)
            implements Transcoded {
        public Offer {
            dependencies = List.copyOf(dependencies);
        }
    }

    /**
     * It is here, and clients of this ecosystem cannot have it.
     *
     * @param name as far as it is known
     * @param version empty if it is not known
     * @param reason a sentence for people, without a full stop
     */
    record Refusal(String name, String version, String reason) implements Transcoded {}
}
