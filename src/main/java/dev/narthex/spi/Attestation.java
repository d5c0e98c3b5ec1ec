package dev.narthex.spi;

import java.util.List;

/**
 * What somebody signed about a file, in the container of its ecosystem.
 *
 * @param bundle JSON, as it was sent
 */
public record Attestation(Summary summary, String bundle) {
    /**
     * @param predicateType what kind of statement it is, a URI such as {@code https://slsa.dev/provenance/v1}
     * @param says what pages tell of it
     */
    public record Summary(String predicateType, List<Line> says) {
        public Summary {
            says = List.copyOf(says);
        }
    }

    /** @param url for a link; empty if it is none */
    public record Line(String label, String text, String url) {}
}
