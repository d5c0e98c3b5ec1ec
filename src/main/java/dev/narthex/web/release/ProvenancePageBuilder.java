package dev.narthex.web.release;

import dev.narthex.access.CiRun;
import dev.narthex.access.TrustedPublisherCheck;
import dev.narthex.catalog.cache.CacheKeyring;
import dev.narthex.catalog.path.PathInfo;
import dev.narthex.catalog.path.Paths;
import dev.narthex.catalog.release.AttestationRepository;
import dev.narthex.catalog.release.DerivedFileRepository;
import dev.narthex.catalog.release.Packages;
import dev.narthex.catalog.release.SameProjectQuery;
import dev.narthex.nix.ContentAddress;
import dev.narthex.nix.NixHash;
import dev.narthex.spi.Attestation;
import dev.narthex.spi.Attestation.DetailLine;
import dev.narthex.web.files.BrowseTarget;
import dev.narthex.web.page.ViewMapper;
import dev.narthex.web.path.PathHeaders;
import dev.narthex.web.path.SignatureTrust;
import dev.narthex.web.view.DerivationView;
import dev.narthex.web.view.PathHead;
import dev.narthex.web.view.ProvenanceView;
import dev.narthex.web.view.ProvenanceView.Build;
import dev.narthex.web.view.ProvenanceView.ConflictingPush;
import dev.narthex.web.view.ProvenanceView.File;
import dev.narthex.web.view.ProvenanceView.PathLine;
import dev.narthex.web.view.ProvenanceView.Publisher;
import dev.narthex.web.view.ProvenanceView.Recipe;
import dev.narthex.web.view.ProvenanceView.Run;
import dev.narthex.web.view.ProvenanceView.Source;
import dev.narthex.web.view.ProvenanceView.Statement;
import dev.narthex.web.view.ProvenanceView.Step;
import dev.narthex.web.view.Urls;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * Builds the provenance page of a release. A file that this server derived from a tree is traced back to the store path of the
 * tree, because that is what was built.
 */
@ApplicationScoped
public class ProvenancePageBuilder {
    private static final int MAX_STATEMENTS = 4000;

    /** Labels of statement lines that are shown under source and build. */
    private static final Set<String> OF_SOURCE = Set.of(Attestation.SOURCE, Attestation.COMMIT);

    private static final Set<String> OF_BUILD = Set.of(Attestation.WORKFLOW, Attestation.RUN, Attestation.BUILDER);

    private final Paths paths;
    private final Packages packages;
    private final DerivedFileRepository derived;
    private final AttestationRepository attestations;
    private final SameProjectQuery sameProject;
    private final CacheKeyring keys;
    private final TrustedPublisherCheck publisherCheck;
    private final PathHeaders heads;
    private final DerivationPageBuilder derivations;
    private final SignatureTrust trust;
    private final ViewMapper mapper;
    private final String baseUrl;

    ProvenancePageBuilder(
            Paths paths,
            Packages packages,
            DerivedFileRepository derived,
            AttestationRepository attestations,
            SameProjectQuery sameProject,
            CacheKeyring keys,
            TrustedPublisherCheck publisherCheck,
            PathHeaders heads,
            DerivationPageBuilder derivations,
            SignatureTrust trust,
            ViewMapper mapper,
            @ConfigProperty(name = "narthex.url") String baseUrl) {
        this.paths = paths;
        this.packages = packages;
        this.derived = derived;
        this.attestations = attestations;
        this.sameProject = sameProject;
        this.keys = keys;
        this.publisherCheck = publisherCheck;
        this.heads = heads;
        this.derivations = derivations;
        this.trust = trust;
        this.mapper = mapper;
        this.baseUrl = baseUrl;
    }

    public ProvenanceView provenance(ReleaseContext release) throws IOException {
        return new ProvenanceAssembly(release, sourcePath(release)).view();
    }

    private PathInfo sourcePath(ReleaseContext release) {
        return release.path().origin().equals("derived")
                ? derived.source(release.cache().id(), release.path().path().hash())
                        .flatMap(hash -> paths.find(release.cache().id(), hash))
                        .orElse(release.path())
                : release.path();
    }

    /** The provenance of one release, while its page is being built. */
    private final class ProvenanceAssembly {
        private final ReleaseContext release;
        private final PathInfo path;
        private final DerivationView derivation;
        private final List<AttestationGroup> said;
        private final Optional<Attestation.Summary> main;
        private final TrustedPublisherCheck.PackagePublishers rules;

        ProvenanceAssembly(ReleaseContext release, PathInfo path) throws IOException {
            this.release = release;
            this.path = path;
            this.derivation = derivations.derivation(
                    new BrowseTarget(release.cache(), path, head(release, path), Optional.of(release.head())));
            this.said = attestations();
            this.main = said.stream()
                    .map(AttestationGroup::summary)
                    .filter(summary -> summary.findLine(Attestation.SOURCE).isPresent())
                    .findFirst();
            this.rules = publisherCheck.rules(
                    release.cache(), release.view().ecosystem(), release.view().normalized());
        }

        private record AttestationGroup(Attestation.Summary summary, List<String> files) {}

        /** Returns the statements. Equal statements about several files are merged. */
        private List<AttestationGroup> attestations() {
            var files = new LinkedHashMap<Attestation.Summary, List<String>>();
            attestations
                    .ofRelease(release.cache().id(), release.view().id(), MAX_STATEMENTS)
                    .forEach(attestation -> files.computeIfAbsent(attestation.summary(), _ -> new ArrayList<>())
                            .add(attestation.filename()));
            return files.entrySet().stream()
                    .map(entry -> new AttestationGroup(entry.getKey(), entry.getValue()))
                    .toList();
        }

        ProvenanceView view() throws IOException {
            var source = source();
            var recipe = recipe();
            var build = build();
            var file = file();
            var signatures = trust.keyed(path);
            var publisher = publisher();
            var steps = new ArrayList<Step>();
            source.ifPresent(_ -> steps.add(new Step("source", false)));
            recipe.ifPresent(one -> steps.add(new Step("derivation", one.checked())));
            build.ifPresent(_ -> steps.add(new Step("build", false)));
            steps.add(new Step("path", true));
            file.ifPresent(_ -> steps.add(new Step("file", true)));
            steps.add(new Step("signatures", signatures.stream().noneMatch(ProvenanceView.Signature::hasBadSignature)));
            if (!said.isEmpty()) {
                steps.add(new Step("statements", false));
            }
            steps.add(new Step("published", !publisher.who().isEmpty()));
            return new ProvenanceView(
                    release.head(),
                    steps,
                    source,
                    recipe,
                    build,
                    bytes(),
                    file,
                    signatures,
                    said.stream().map(this::statement).toList(),
                    publisher,
                    command());
        }

        private Optional<Source> source() {
            var repository = release.view().facts().repository();
            var stated = linesOf(main, OF_SOURCE);
            return repository.isEmpty()
                            && stated.isEmpty()
                            && derivation.sources().isEmpty()
                    ? Optional.empty()
                    : Optional.of(new Source(repository, stated, derivation.sources()));
        }

        private Optional<Recipe> recipe() throws IOException {
            if (derivation.derivation().isEmpty()) {
                return Optional.empty();
            }
            boolean named = derivation.readable() && derivations.isNamedByItsText(release.cache(), path);
            var outputs = derivation.outputs().stream()
                    .map(DerivationView.OutputLine::path)
                    .toList();
            return Optional.of(new Recipe(
                    derivation.derivation(),
                    derivation.derivationUrl(),
                    derivation.problem(),
                    named,
                    outputs.contains(path.path().toString()),
                    derivation.readable() && outputs.stream().allMatch(String::isEmpty)));
        }

        private Optional<Build> build() {
            var logUrl = derivation.path().log() ? derivation.path().url() + "/log" : "";
            var stated = linesOf(main, OF_BUILD);
            var others = paths.conflictingNars(release.cache().id(), path.path().hash()).stream()
                    .map(nar -> new ConflictingPush(nar.narHash().toString(), nar.signer(), nar.at()))
                    .toList();
            boolean any = !derivation.system().isEmpty() || !logUrl.isEmpty() || !stated.isEmpty() || !others.isEmpty();
            return any ? Optional.of(new Build(derivation.system(), logUrl, stated, others)) : Optional.empty();
        }

        private static List<DetailLine> linesOf(Optional<Attestation.Summary> summary, Set<String> labels) {
            return summary.stream()
                    .flatMap(statement -> statement.says().stream())
                    .filter(line -> labels.contains(line.label()))
                    .toList();
        }

        private PathLine bytes() {
            return new PathLine(
                    path.path().toString(),
                    derivation.path().url(),
                    path.narHash().toString(),
                    path.narSize(),
                    path.ca().map(ContentAddress::toString).orElse(""),
                    path.pushedAt());
        }

        private Optional<File> file() {
            var artifact = release.main();
            return artifact.origin().equals("path")
                    ? Optional.empty()
                    : Optional.of(new File(
                            artifact.filename(),
                            artifact.origin(),
                            artifact.sha512()
                                    .map(NixHash::sri)
                                    .orElse(artifact.sha256().sri()),
                            artifact.length(),
                            release.pathHead().url()));
        }

        private Statement statement(AttestationGroup group) {
            boolean above = main.filter(group.summary()::equals).isPresent();
            return new Statement(
                    group.summary().predicateType(),
                    group.files(),
                    group.summary().says().stream()
                            .filter(line ->
                                    !above || !OF_SOURCE.contains(line.label()) && !OF_BUILD.contains(line.label()))
                            .toList(),
                    rules.matchRepository(repository(group.summary()))
                            .name()
                            .toLowerCase(Locale.ROOT)
                            .replace('_', ' '));
        }

        /** Returns the repository of a statement: the stated source or, without one, the repository in the signing certificate. */
        private static String repository(Attestation.Summary summary) {
            return summary.findLine(Attestation.SOURCE)
                    .or(() -> summary.findLine(Attestation.SIGNER))
                    .map(DetailLine::text)
                    .orElse("");
        }

        private Publisher publisher() {
            var cache = release.cache();
            var at = release.head().publishedAt();
            var who = release.publishedBy().orElse("");
            var run = publisherCheck.run(who);
            return new Publisher(
                    who,
                    at,
                    run.map(this::run),
                    run.isEmpty() && !rules.before(at).isEmpty(),
                    sameProject.of(cache.id(), release.view().id()).others().stream()
                            .map(pathRelease -> mapper.toRelatedRelease(cache, pathRelease))
                            .toList());
        }

        private Run run(CiRun run) {
            return new Run(
                    run.issuer(),
                    run.subject(),
                    run.repositoryOrSubject(),
                    run.claim("workflow_ref", "job_workflow_ref", "ci_config_ref_uri"),
                    run.claim("ref"),
                    run.claim("sha"),
                    run.claim("run_id", "pipeline_id"),
                    rules.stillExists(run),
                    said.stream()
                            .map(group -> repository(group.summary()))
                            .filter(named -> !named.isEmpty())
                            .allMatch(run::belongsTo));
        }

        /**
         * Returns the command to verify the path. Arguments are quoted, because a name may contain a question mark and a cache may
         * have several keys.
         */
        private String command() {
            return "nix store verify --store " + baseUrl
                    + Urls.cache(release.cache().name()) + " --trusted-public-keys '"
                    + String.join(" ", keys.signingKeysText(release.cache().id())) + "' '" + path.path() + "'";
        }
    }

    private PathHead head(ReleaseContext release, PathInfo path) {
        return path.id() == release.path().id() ? release.pathHead() : heads.head(release.cache(), path);
    }
}
