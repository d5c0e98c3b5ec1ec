package dev.narthex.spi;

import java.util.List;
import java.util.Optional;

/**
 * A signed statement about a file, in the bundle format of its ecosystem.
 *
 * @param bundle the JSON as it was sent
 */
public record Attestation(Summary summary, String bundle) {
    /** Label of the line with the source repository of a build. */
    public static final String SOURCE = "Source";

    public static final String COMMIT = "Commit";

    public static final String WORKFLOW = "Workflow";

    /** Label of the line with the CI run of a build. */
    public static final String RUN = "Run";

    public static final String BUILDER = "Builder";

    /** Label of the line with the identity that the signing certificate was issued for. */
    public static final String SIGNER = "Signed for";

    /**
     * @param predicateType URI of the statement's type, such as {@code https://slsa.dev/provenance/v1}
     * @param says the lines that pages show
     */
    public record Summary(String predicateType, List<DetailLine> says) {
        public Summary {
            says = List.copyOf(says);
        }

        /** Finds the line with this label. */
        public Optional<DetailLine> findLine(String label) {
            return says.stream().filter(line -> line.label().equals(label)).findFirst();
        }
    }

    /** @param url link target; empty if the line is plain text */
    public record DetailLine(String label, String text, String url) {}
}
