package dev.narthex.web.release;

import dev.narthex.access.CiRun;
import dev.narthex.access.TrustedPublisherCheck;
import dev.narthex.catalog.path.PathSummary;
import dev.narthex.catalog.path.Paths;
import dev.narthex.catalog.release.Packages;
import dev.narthex.catalog.release.SameProjectQuery;
import dev.narthex.nix.StorePath;
import dev.narthex.problem.ProblemException;
import dev.narthex.publish.registry.RegistrySigner;
import dev.narthex.spi.Artifact;
import dev.narthex.spi.Facts;
import dev.narthex.web.files.FileTreeFactory;
import dev.narthex.web.files.ReadmeFileIndex;
import dev.narthex.web.page.InstalledEcosystems;
import dev.narthex.web.page.Lazy;
import dev.narthex.web.page.PageRequest;
import dev.narthex.web.page.ViewMapper;
import dev.narthex.web.path.ClosureSizes;
import dev.narthex.web.path.PathHeaders;
import dev.narthex.web.readme.KnownReadmes;
import dev.narthex.web.readme.ReadmeLinks;
import dev.narthex.web.view.DependenciesView;
import dev.narthex.web.view.DependentsView;
import dev.narthex.web.view.DownloadsView;
import dev.narthex.web.view.PackageView;
import dev.narthex.web.view.Readme;
import dev.narthex.web.view.StoreItem;
import dev.narthex.web.view.Tag;
import dev.narthex.web.view.Urls;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Builds the pages of a release, except those that it shares with store paths. */
@ApplicationScoped
public class PackagePageBuilder {
    private static final String MARKDOWN = "text/markdown";

    private final KnownReadmes readmes = new KnownReadmes();
    private final Packages packages;
    private final Paths paths;
    private final SameProjectQuery sameProject;
    private final dev.narthex.catalog.download.DownloadStats counts;
    private final PathHeaders heads;
    private final InstalledEcosystems ecosystems;
    private final ViewMapper mapper;
    private final FileTreeFactory trees;
    private final BuildsBuilder builds;
    private final DependencyResolution resolutions;
    private final InstallSizeCache sizes;
    private final InstallCommandsBuilder installCommands;
    private final RegistrySigner signatures;
    private final TrustedPublisherCheck publisherCheck;

    PackagePageBuilder(
            Packages packages,
            Paths paths,
            SameProjectQuery sameProject,
            dev.narthex.catalog.download.DownloadStats counts,
            PathHeaders heads,
            InstalledEcosystems ecosystems,
            ViewMapper mapper,
            FileTreeFactory trees,
            BuildsBuilder builds,
            DependencyResolution resolutions,
            InstallSizeCache sizes,
            InstallCommandsBuilder installCommands,
            RegistrySigner signatures,
            TrustedPublisherCheck publisherCheck) {
        this.packages = packages;
        this.paths = paths;
        this.sameProject = sameProject;
        this.counts = counts;
        this.heads = heads;
        this.ecosystems = ecosystems;
        this.mapper = mapper;
        this.trees = trees;
        this.builds = builds;
        this.resolutions = resolutions;
        this.sizes = sizes;
        this.installCommands = installCommands;
        this.signatures = signatures;
        this.publisherCheck = publisherCheck;
    }

    public PackageView overview(ReleaseContext release) {
        var cache = release.cache();
        var facts = release.view().facts();
        var path = release.path();
        var project = sameProject.of(cache.id(), release.view().id());
        var otherReleases = project.others();
        var hash = path.path().hash();
        var install = sizes.of(cache, release.view());
        var closure = paths.closure(cache.id(), hash, ClosureSizes.MAX_PATHS);
        return new PackageView(
                release.head(),
                readme(release, facts),
                installCommands.of(release, otherReleases, closure),
                facts.homepage(),
                facts.repository(),
                facts.people(),
                facts.keywords(),
                project.vulnerabilitiesWith(facts.vulnerabilities()),
                outputs(release),
                builds.of(release),
                builds.proposedReasons(release),
                release.publishedBy().orElse(""),
                release.publishedBy()
                        .flatMap(publisherCheck::run)
                        .map(CiRun::repositoryOrSubject)
                        .orElse(""),
                release.view().withdrawals(),
                ClosureSizes.of(cache, hash, closure),
                release.pathHead().url() + "/closure",
                otherReleases.stream()
                        .map(pathRelease -> mapper.toRelatedRelease(cache, pathRelease))
                        .toList(),
                path.deriver().map(StorePath::toString).orElse(""),
                path.deriver().map(drv -> heads.urlIfHere(cache, drv)).orElse(""),
                release.pathHead().log() ? release.pathHead().url() + "/log" : "",
                downloads(release),
                tags(release),
                install.size(),
                install.fresh(),
                details(release));
    }

    private Record details(ReleaseContext release) {
        var ecosystem = release.view().ecosystem();
        return ecosystems
                .require(ecosystem)
                .details(
                        release.view(),
                        () -> signatures.signerFor(release.cache().id(), ecosystem));
    }

    static List<Tag> tags(ReleaseContext release) {
        var head = release.head();
        return release.tags().entrySet().stream()
                .map(tag -> new Tag(
                        tag.getKey(),
                        tag.getValue(),
                        Urls.release(head.cache(), head.ecosystem().id(), head.normalised(), tag.getValue())))
                .toList();
    }

    private DownloadsView downloads(ReleaseContext release) {
        var days = counts.of(release.packageId(), release.view().id());
        return new DownloadsView(days.month(), days.release(), days.daily(), days.weekly());
    }

    private Optional<Readme> readme(ReleaseContext release, Facts facts) {
        return facts.readme()
                .filter(r -> !r.text().isBlank())
                .map(r -> new Readme(
                        r.format(),
                        r.text(),
                        r.format().equals(MARKDOWN)
                                ? readmes.html(r.text(), links(release)).orElse("")
                                : ""));
    }

    /** Resolves links of the readme. The listing is read on the first relative link, because most readmes do not contain any. */
    private ReadmeLinks links(ReleaseContext release) {
        var places = Lazy.of(() -> places(release));
        var files = release.head().url() + "/files";
        return new ReadmeLinks(path -> places.get().flatMap(p -> p.find(path)).map(found -> Urls.file(files, found)));
    }

    /** Returns an index of the release's files; empty if the bytes are unavailable. The page is then shown without these links. */
    private Optional<ReadmeFileIndex> places(ReleaseContext release) {
        try {
            return Optional.of(
                    new ReadmeFileIndex(trees.of(release.subject(), false).listing()));
        } catch (IOException | ProblemException e) {
            return Optional.empty();
        }
    }

    /** Returns the artifacts, the primary one first. */
    private List<PackageView.Output> outputs(ReleaseContext release) {
        var bases = release.view().artifacts().stream()
                .map(a -> a.path().baseName())
                .distinct()
                .toList();
        var sizes = paths.summaries(release.cache().id(), bases).stream()
                .collect(Collectors.toMap(PathSummary::path, Function.identity(), (a, b) -> a));
        return Stream.concat(
                        Stream.of(release.main()),
                        release.view().artifacts().stream()
                                .filter(a -> a.id() != release.main().id()))
                .flatMap(artifact -> Optional.ofNullable(sizes.get(artifact.path()))
                        .map(line -> output(artifact, ViewMapper.item(release.cache(), line)))
                        .stream())
                .toList();
    }

    private static PackageView.Output output(Artifact artifact, StoreItem item) {
        return new PackageView.Output(
                artifact.filename(),
                item,
                artifact.output(),
                artifact.platform(),
                artifact.origin(),
                artifact.released(),
                artifact.promised(),
                artifact.length(),
                artifact.sha256().hex(),
                artifact.at());
    }

    public DependenciesView dependencies(ReleaseContext release) {
        var cache = release.cache();
        var own = release.path().path().baseName();
        var references = release.path().references().stream()
                .filter(base -> !base.equals(own))
                .toList();
        var here = paths.summaries(cache.id(), references);
        Map<String, PathSummary> byBase =
                here.stream().collect(Collectors.toMap(line -> line.path().baseName(), Function.identity()));
        return new DependenciesView(
                release.head(),
                resolutions.declaredDependencies(release),
                resolutions.hasResolver(release.view()),
                ViewMapper.largestFirst(cache, here),
                references.stream().filter(base -> !byBase.containsKey(base)).toList());
    }

    public DependentsView dependents(ReleaseContext release, PageRequest request) {
        var cache = release.cache();
        var head = release.head();
        var ecosystem = head.ecosystem().id();
        var page = packages.dependents(cache.id(), ecosystem, head.normalised(), request.pageNumber());
        var referrers = paths.referrers(cache.id(), release.path().path().baseName(), 1);
        return new DependentsView(
                head,
                ViewMapper.pages(page, head.url() + "/dependents"),
                page.items().stream()
                        .map(d -> new DependentsView.Line(
                                Urls.packagePage(cache.name(), ecosystem, d.normalized()),
                                d.name(),
                                d.version(),
                                d.range(),
                                d.kind()))
                        .toList(),
                referrers.total(),
                ViewMapper.items(cache, referrers.items()),
                release.pathHead().url() + "/referrers");
    }
}
