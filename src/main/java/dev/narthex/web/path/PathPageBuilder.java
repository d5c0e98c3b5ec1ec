package dev.narthex.web.path;

import dev.narthex.catalog.cache.CacheKeyring;
import dev.narthex.catalog.path.BuildLogs;
import dev.narthex.catalog.path.Closure;
import dev.narthex.catalog.path.Paths;
import dev.narthex.catalog.release.DeclinedReleases;
import dev.narthex.catalog.release.NotOfferedReasons;
import dev.narthex.catalog.release.SameProjectQuery;
import dev.narthex.nix.ContentAddress;
import dev.narthex.nix.StorePath;
import dev.narthex.problem.Problem;
import dev.narthex.publish.recognize.ReleaseRecognition;
import dev.narthex.spi.Cache;
import dev.narthex.spi.InstallSnippet;
import dev.narthex.spi.StorePathClient;
import dev.narthex.web.page.Format;
import dev.narthex.web.page.InstalledEcosystems;
import dev.narthex.web.page.PageRequest;
import dev.narthex.web.page.ViewMapper;
import dev.narthex.web.view.ClosureView;
import dev.narthex.web.view.LogView;
import dev.narthex.web.view.PathView;
import dev.narthex.web.view.ReferrersView;
import dev.narthex.web.view.Urls;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** Builds the pages of a store path, except those that it shares with releases. */
@ApplicationScoped
public class PathPageBuilder {
    private final Paths paths;
    private final SameProjectQuery sameProject;
    private final BuildLogs logs;
    private final PathHeaders heads;
    private final ViewMapper mapper;
    private final SignatureTrust trust;
    private final NotOfferedReasons notOfferedReasons;
    private final DeclinedReleases declines;
    private final InstalledEcosystems ecosystems;
    private final CacheKeyring keys;
    private final ReleaseRecognition recognition;
    private final String baseUrl;

    PathPageBuilder(
            Paths paths,
            SameProjectQuery sameProject,
            BuildLogs logs,
            PathHeaders heads,
            ViewMapper mapper,
            SignatureTrust trust,
            NotOfferedReasons notOfferedReasons,
            DeclinedReleases declines,
            InstalledEcosystems ecosystems,
            CacheKeyring keys,
            ReleaseRecognition recognition,
            @ConfigProperty(name = "narthex.url") String baseUrl) {
        this.paths = paths;
        this.sameProject = sameProject;
        this.logs = logs;
        this.heads = heads;
        this.mapper = mapper;
        this.trust = trust;
        this.notOfferedReasons = notOfferedReasons;
        this.declines = declines;
        this.ecosystems = ecosystems;
        this.keys = keys;
        this.recognition = recognition;
        this.baseUrl = baseUrl;
    }

    public PathView overview(Cache cache, String hash) {
        var path = heads.require(cache, hash);
        var others = path.references().stream()
                .filter(base -> !base.equals(path.path().baseName()))
                .toList();
        var present = paths.summaries(cache.id(), others);
        var here = present.stream().map(line -> line.path().baseName()).toList();
        return new PathView(
                heads.head(cache, path),
                recognition.isQueued(cache, hash),
                path.narHash().toString(),
                path.narSize(),
                path.fileSize(),
                path.ca().map(ContentAddress::toString).orElse(""),
                path.deriver().map(StorePath::toString).orElse(""),
                path.deriver().map(drv -> heads.urlIfHere(cache, drv)).orElse(""),
                path.origin(),
                path.pushedAt(),
                path.pushedBy().orElse(""),
                ViewMapper.largestFirst(cache, present),
                others.stream().filter(base -> !here.contains(base)).toList(),
                sameProject.ofPath(cache.id(), path.id()).stream()
                        .map(release -> mapper.toRelatedRelease(cache, release))
                        .toList(),
                notListed(cache, hash),
                trust.all(path),
                ClosureSizes.of(cache, hash, paths.closure(cache.id(), hash, ClosureSizes.MAX_PATHS)),
                command(cache, path.path()));
    }

    private String command(Cache cache, StorePath path) {
        return ecosystems
                .storePathClient()
                .map(StorePathClient.class::cast)
                .map(client -> client.fetch(path, baseUrl, cache.name(), keys.signingKeysText(cache.id())))
                .map(InstallSnippet::command)
                .orElse("");
    }

    private List<PathView.NotOfferedLine> notListed(Cache cache, String hash) {
        var refused = notOfferedReasons.of(cache.id(), hash).stream()
                .flatMap(reasons -> reasons.reasons().stream()
                        .map(r -> new PathView.NotOfferedLine(
                                ecosystems.name(reasons.ecosystem()), r.name(), r.version(), r.reason())));
        var declined = declines.of(cache.id(), hash).stream()
                .map(d -> new PathView.NotOfferedLine(
                        ecosystems.name(d.ecosystem()),
                        d.name(),
                        d.version(),
                        "A maintainer declined it on " + Format.date(d.at())));
        return Stream.concat(refused, declined).toList();
    }

    public ClosureView closure(Cache cache, String hash, PageRequest request) {
        var path = heads.require(cache, hash);
        var closure = paths.closure(cache.id(), hash, ClosureSizes.MAX_PATHS);
        var nodes =
                closure.nodes().stream().map(node -> node(cache, hash, node)).toList();
        var wanted = request.text("why");
        return new ClosureView(
                heads.head(cache, path),
                closure.narSize(),
                closure.complete() || !closure.missing().isEmpty(),
                nodes,
                closure.missing(),
                wanted.isEmpty() ? List.of() : new WhyDepends(cache, closure).chainsTo(hash, wanted));
    }

    private static ClosureView.Node node(Cache cache, String hash, Closure.Node node) {
        var base = node.path().baseName();
        return new ClosureView.Node(
                ViewMapper.item(cache, node.path(), node.narSize()),
                base,
                node.path().hash().equals(hash),
                node.direct(),
                node.references().stream().filter(r -> !r.equals(base)).toList());
    }

    public ReferrersView referrers(Cache cache, String hash, PageRequest request) {
        var path = heads.require(cache, hash);
        var head = heads.head(cache, path);
        var page = paths.referrers(cache.id(), path.path().baseName(), request.pageNumber());
        return new ReferrersView(
                head, ViewMapper.pages(page, head.url() + "/referrers"), ViewMapper.items(cache, page.items()));
    }

    public LogView log(Cache cache, String hash) throws IOException {
        var path = heads.require(cache, hash);
        var recipe = PathHeaders.derivation(path).orElseThrow(() -> noLog(hash));
        var zstd = logs.find(cache.id(), recipe.baseName()).orElseThrow(() -> noLog(hash));
        var plain = Urls.cache(cache.name()) + "/log/" + Urls.encode(recipe.baseName());
        return LogText.read(zstd).view(heads.head(cache, path), plain);
    }

    private static RuntimeException noLog(String hash) {
        return Problem.notFound("build log", hash);
    }
}
