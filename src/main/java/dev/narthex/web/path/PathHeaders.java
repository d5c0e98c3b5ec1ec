package dev.narthex.web.path;

import dev.narthex.catalog.path.BuildLogs;
import dev.narthex.catalog.path.PathInfo;
import dev.narthex.catalog.path.Paths;
import dev.narthex.nix.StorePath;
import dev.narthex.problem.Problem;
import dev.narthex.spi.Cache;
import dev.narthex.web.files.BrowseTarget;
import dev.narthex.web.page.ViewMapper;
import dev.narthex.web.view.PathHead;
import dev.narthex.web.view.Urls;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Optional;

/** Finds store paths, and builds the header of their pages. */
@ApplicationScoped
public class PathHeaders {
    private final Paths paths;
    private final BuildLogs logs;
    private final ViewMapper mapper;
    private final SignatureTrust trust;
    private final DamageWarnings damages;

    PathHeaders(Paths paths, BuildLogs logs, ViewMapper mapper, SignatureTrust trust, DamageWarnings damages) {
        this.paths = paths;
        this.logs = logs;
        this.mapper = mapper;
        this.trust = trust;
        this.damages = damages;
    }

    /** Returns the path even if it is damaged; its page then shows a warning. */
    public PathInfo require(Cache cache, String hash) {
        return paths.find(cache.id(), hash)
                .or(() -> paths.findDamaged(cache.id(), hash))
                .orElseThrow(() -> Problem.notFound("store path", hash));
    }

    public BrowseTarget subject(Cache cache, String hash) {
        var path = require(cache, hash);
        return new BrowseTarget(cache, path, head(cache, path), Optional.empty());
    }

    public PathHead head(Cache cache, PathInfo path) {
        var base = path.path().baseName();
        var recipe = derivation(path);
        return new PathHead(
                cache.name(),
                Urls.storePath(cache.name(), path.path().hash()),
                path.path().hash(),
                path.path().toString(),
                path.path().name(),
                path.path().isDerivation(),
                paths.releasesOf(cache.id(), path.id()).stream()
                        .map(release -> mapper.toRelatedRelease(cache, release))
                        .toList(),
                paths.referrers(cache.id(), base, 1).total(),
                recipe.isPresent(),
                recipe.filter(drv -> logs.exists(cache.id(), drv.baseName())).isPresent(),
                trust.builders(path),
                damages.of(cache, path));
    }

    /** Returns the derivation of a path: its deriver, or the path itself if it is a derivation. */
    public static Optional<StorePath> derivation(PathInfo path) {
        return path.path().isDerivation() ? Optional.of(path.path()) : path.deriver();
    }

    boolean isHere(Cache cache, StorePath path) {
        return !paths.summaries(cache.id(), List.of(path.baseName())).isEmpty();
    }

    /** Returns the URL of the path's page; empty if it is not in this cache. */
    public String urlIfHere(Cache cache, StorePath path) {
        return isHere(cache, path) ? Urls.storePath(cache.name(), path.hash()) : "";
    }
}
