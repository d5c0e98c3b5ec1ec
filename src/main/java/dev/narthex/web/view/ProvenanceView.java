package dev.narthex.web.view;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.narthex.spi.Attestation.DetailLine;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The recorded provenance of a release, from its source to this page. Facts that this server checked are kept apart from claims of
 * the publisher.
 *
 * @param steps in chronological order; steps without a record are left out
 * @param source absent if no source is recorded
 * @param recipe absent if no derivation is recorded
 * @param build absent if nothing is recorded about the build
 * @param file file that clients fetch; absent if they fetch the whole store path
 * @param statements signed statements about the release's files
 * @param command lets the user verify the store path
 */
@JsonInclude(JsonInclude.Include.NON_ABSENT)
public record ProvenanceView(
        ReleaseHead head,
        List<Step> steps,
        Optional<Source> source,
        Optional<Recipe> recipe,
        Optional<Build> build,
        PathLine path,
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
     * A step of the provenance.
     *
     * @param name "source", "derivation", "build", "path", "file", "signatures", "statements" or "published"
     * @param checked whether this server checked it; if false, the publisher claims it
     */
    public record Step(String name, boolean checked) {}

    /**
     * The source of the release.
     *
     * @param repository repository according to the manifest; may be empty
     * @param stated lines of a signed statement that name repository and revision
     * @param fetched downloads of the derivation
     */
    public record Source(String repository, List<DetailLine> stated, List<DerivationView.Source> fetched) {}

    /**
     * The derivation.
     *
     * @param path in full
     * @param url empty if it is not in this cache
     * @param problem why it could not be read; empty if it was read or is not in this cache
     * @param named whether its name matches the hash of its text
     * @param output whether it names the store path as its output
     * @param floating whether its output path is known only after the build, so that no derivation of this kind can name it
     */
    public record Recipe(String path, String url, String problem, boolean named, boolean output, boolean floating) {
        public boolean checked() {
            return named && output;
        }
    }

    /**
     * The build.
     *
     * @param system platform according to the derivation; may be empty
     * @param logUrl empty if no log was pushed
     * @param stated lines of a signed statement that say who built it and where
     * @param others pushes of the same path with different bytes
     */
    public record Build(String system, String logUrl, List<DetailLine> stated, List<ConflictingPush> others) {}

    /**
     * A push of the same path with different bytes.
     *
     * @param signer name of the signing key, as claimed by the push; "unsigned" without a signature
     */
    public record ConflictingPush(String narHash, String signer, Instant at) {}

    /**
     * The store path.
     *
     * @param path in full
     * @param contentAddress in nix's notation; may be empty
     */
    public record PathLine(String path, String url, String narHash, long narSize, String contentAddress, Instant at) {}

    /**
     * The file that clients fetch.
     *
     * @param origin as in {@link PackageInfo.Output}
     * @param integrity digest in the format of Subresource Integrity
     * @param url URL of the store path that contains the file
     */
    public record File(String filename, String origin, String integrity, long length, String url) {}

    /**
     * A signature of the store path.
     *
     * @param publicKey in the format of nix's trusted-public-keys; empty if this cache does not know the key
     * @param state "valid", "unknown key" or "bad"
     * @param cacheKey whether the cache itself signs with this key when it serves the path
     */
    public record Signature(String key, String publicKey, String state, boolean cacheKey) {
        public boolean hasBadSignature() {
            return state.equals("bad");
        }
    }

    /**
     * A signed statement about files of the release.
     *
     * @param kind predicate type, a URI such as {@code https://slsa.dev/provenance/v1}
     * @param files names of the files that it covers
     * @param says lines that are not shown under source or build
     * @param fit how the repository in the statement matches the trusted publishers of this package: "no rule", "fits", "another"
     *     or "unsaid"
     */
    public record Statement(String kind, List<String> files, List<DetailLine> says, String fit) {}

    /**
     * The publication of the release.
     *
     * @param who name of the principal at that time; empty if not recorded
     * @param run the CI run that published it, if there was one
     * @param besideRules whether it was published in another way although the package had a trusted publisher
     * @param as other releases of the same project
     */
    public record Publisher(String who, Instant at, Optional<Run> run, boolean besideRules, List<RelatedRelease> as) {}

    /**
     * The claims of an ID token that this server verified. Missing claims are empty.
     *
     * @param place the repository, or the subject if the token names no repository
     * @param ruleStands whether the trusted publisher that allowed the run still exists
     * @param named whether every statement about a source names this run's repository; true if there are no such statements
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

    public boolean hasBadSignature() {
        return signatures.stream().anyMatch(Signature::hasBadSignature);
    }

    public boolean hasForeignStatement() {
        return statements.stream().anyMatch(statement -> statement.fit().equals("another"));
    }

    /** Returns whether nothing is recorded about source and build. */
    public boolean hasNoStatements() {
        return source.isEmpty() && recipe.isEmpty() && build.isEmpty() && statements.isEmpty();
    }
}
