package dev.narthex.spi;

import java.util.List;
import java.util.Optional;

/**
 * What somebody signed about a file, in the container of its ecosystem.
 *
 * @param bundle JSON, as it was sent
 */
public record Attestation(Summary summary, String bundle) {
    /** Label of the line that names the repository of a build's source. */
    public static final String SOURCE = "Source";

    public static final String COMMIT = "Commit";

    public static final String WORKFLOW = "Workflow";

    /** Label of the line that names the run of a build. */
    public static final String RUN = "Run";

    public static final String BUILDER = "Builder";

    /** Label of the line that tells for whom the certificate was made out. */
    public static final String SIGNER = "Signed for";

    /**
     * @param predicateType what kind of statement it is, a URI such as {@code https://slsa.dev/provenance/v1}
     * @param says what pages tell of it
     */
    public record Summary(String predicateType, List<Line> says) {
        public Summary {
            says = List.copyOf(says);
        }

        /** The line with this label. */
        public Optional<Line> said(String label) {
            return says.stream().filter(line -> line.label().equals(label)).findFirst();
        }
    }

    /** @param url for a link; empty if it is none */
    public record Line(String label, String text, String url) {}
}
