package dev.narthex.web.view;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.narthex.spi.Attestation.Line;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The way of a release from its source to this page, as far as it is recorded. What was checked here is told apart from what
 * its publisher states.
 *
 * @param steps in the order of the way; one that nothing is recorded of is left out
 * @param source absent if nobody names one
 * @param recipe absent if no derivation is recorded
 * @param build absent if nothing is known of it
 * @param file that clients fetch; absent where they fetch the store path as a whole
 * @param statements what somebody signed about its files
 * @param command by which a reader checks the store path himself
 */
@JsonInclude(JsonInclude.Include.NON_ABSENT)
public record ProvenanceView(
        ReleaseHead head,
        List<Step> steps,
        Optional<Source> source,
        Optional<Recipe> recipe,
        Optional<Build> build,
        Bytes path,
        Optional<File> file,
        List<Signature> signatures,
        List<Statement> statements,
        Publisher publisher,
        String command)
        implements View {
    public ProvenanceView {
        steps = List.copyOf(steps);
        signatures = List.copyOf(signatures);
        statements = List.copyOf(statements);
    }

    /**
     * @param name "source", "derivation", "build", "path", "file", "signatures", "statements" or "published"
     * @param checked here; otherwise it is stated by the publisher
     */
    public record Step(String name, boolean checked) {}

    /**
     * @param repository as the manifest names it; may be empty
     * @param stated lines of a signed statement that name repository and revision
     * @param fetched what the derivation downloads
     */
    public record Source(String repository, List<Line> stated, List<DerivationView.Source> fetched) {}

    /**
     * @param path in full
     * @param url empty if it is not in this cache
     * @param problem why it could not be read; empty if it was, or is not here
     * @param named whether its name follows from its text
     * @param output whether it names the store path as its output
     * @param floating whether no derivation of its kind could name it: that is known after the build
     */
    public record Recipe(String path, String url, String problem, boolean named, boolean output, boolean floating) {
        public boolean checked() {
            return named && output;
        }
    }

    /**
     * @param system as the derivation says; may be empty
     * @param logUrl empty if no log was pushed
     * @param stated lines of a signed statement that say who built it and where
     * @param others that the same path was sent with other bytes
     */
    public record Build(String system, String logUrl, List<Line> stated, List<Other> others) {}

    /** @param signer as it said of itself; "unsigned" if it did not */
    public record Other(String narHash, String signer, Instant at) {}

    /**
     * @param path in full
     * @param contentAddress as nix writes it; may be empty
     */
    public record Bytes(String path, String url, String narHash, long narSize, String contentAddress, Instant at) {}

    /**
     * @param origin as in {@link PackageView.Output}
     * @param integrity digest as subresource integrity writes it
     * @param url of the store path that keeps it
     */
    public record File(String filename, String origin, String integrity, long length, String url) {}

    /**
     * @param publicKey as nix writes it among trusted keys; empty if this cache does not know it
     * @param state "valid", "unknown key" or "bad"
     * @param cacheKey whether it is put on when nix asks
     */
    public record Signature(String key, String publicKey, String state, boolean cacheKey) {
        public boolean bad() {
            return state.equals("bad");
        }
    }

    /**
     * @param kind a URI such as {@code https://slsa.dev/provenance/v1}
     * @param files that it is about
     * @param says what is not told of source and build above
     * @param fit how the repository that it names fits the rules of trusted publishing for this package: "no rule", "fits",
     *     "another" or "unsaid"
     */
    public record Statement(String kind, List<String> files, List<Line> says, String fit) {}

    /**
     * @param who as the principal was named then; empty if it is not recorded
     * @param run of CI, if one published it
     * @param besideRules whether it came another way though there was a rule of trusted publishing for this package
     * @param as other releases that are the same project
     */
    public record Publisher(String who, Instant at, Optional<Run> run, boolean besideRules, List<Known> as) {}

    /**
     * What an issuer vouched for in an ID token that was verified here; what it does not say is empty.
     *
     * @param place its repository, else its subject
     * @param ruleStands whether the rule that let it in is still there
     * @param named whether each statement about a source names this run's repository; true without any
     */
    public record Run(
            String issuer,
            String subject,
            String place,
            String workflow,
            String ref,
            String commit,
            String number,
            boolean ruleStands,
            boolean named) {}

    public long checked() {
        return steps.stream().filter(Step::checked).count();
    }

    public long stated() {
        return steps.size() - checked();
    }

    public boolean bad() {
        return signatures.stream().anyMatch(Signature::bad);
    }

    public boolean another() {
        return statements.stream().anyMatch(statement -> statement.fit().equals("another"));
    }

    /** Whether nothing tells of what it was built from. */
    public boolean bare() {
        return source.isEmpty() && recipe.isEmpty() && build.isEmpty() && statements.isEmpty();
    }
}
