package dev.narthex.catalog.support;

import dev.narthex.catalog.path.PathInfo;
import dev.narthex.catalog.release.Packages;
import dev.narthex.catalog.release.RecognizedRelease;
import dev.narthex.catalog.release.Releases;
import dev.narthex.catalog.release.VersionSortKey;
import dev.narthex.spi.Cache;
import dev.narthex.spi.Ecosystem;
import dev.narthex.spi.PackageInfo;
import dev.narthex.spi.ReleaseInfo;
import io.quarkus.arc.All;
import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Recognition without recognizers: the test states the findings. Rules for names and versions are the real ones. */
@ApplicationScoped
public class ReleaseFixture {
    private final CatalogFixture tables;
    private final Releases releases;
    private final Packages packages;
    private final List<Ecosystem> ecosystems;

    ReleaseFixture(CatalogFixture tables, Releases releases, Packages packages, @All List<Ecosystem> ecosystems) {
        this.tables = tables;
        this.releases = releases;
        this.packages = packages;
        this.ecosystems = ecosystems;
    }

    public VersionSortKey order(String ecosystem, String version) {
        return VersionSortKey.of(ecosystem(ecosystem), version);
    }

    public Ecosystem ecosystem(String id) {
        return ecosystems.stream().filter(e -> e.id().equals(id)).findFirst().orElseThrow();
    }

    /** Pushes a path and records findings for it. */
    public PathInfo push(Cache cache, String ecosystem, RecognitionFixture finding) {
        var path = tables.push(cache, "lib-" + finding.version().replaceAll("[^0-9a-zA-Z.]", "-"));
        record(cache, ecosystem, path, finding);
        return path;
    }

    /** Returns the only artifact of a finding in a new path. */
    public long artifact(Cache cache, String ecosystem, RecognitionFixture finding) {
        var path = tables.push(cache, "lib");
        var ids = QuarkusTransaction.requiringNew()
                .call(() -> releases.record(cache, ecosystem, finding.in(path, ecosystem(ecosystem))));
        if (ids.size() != 1) {
            throw new IllegalArgumentException(ids.size() + " artifacts");
        }
        return ids.iterator().next();
    }

    /** Pushes one output of a derivation, which is a nix release. */
    public PathInfo pushOutput(Cache cache, RecognitionFixture finding, String output) {
        var suffix = output.equals("out") ? "" : "-" + output;
        var path = tables.push(cache, finding.name() + "-" + finding.version() + suffix);
        record(cache, "nix", path, finding.whole(path, output));
        return path;
    }

    /** Processes findings like {@code Recognition}: records them, then removes those that are no longer found. */
    public Set<String> record(Cache cache, String ecosystem, PathInfo path, RecognitionFixture... findings) {
        return QuarkusTransaction.requiringNew().call(() -> {
            var kept = new HashSet<Long>();
            for (var finding : findings) {
                kept.addAll(releases.record(cache, ecosystem, finding.in(path, ecosystem(ecosystem))));
            }
            return releases.deleteStaleArtifacts(cache.id(), path.id(), kept);
        });
    }

    /** Records a file derived from the output of a build. */
    public void recordMade(Cache cache, String ecosystem, PathInfo made, String build, RecognitionFixture finding) {
        var found = finding.in(made, ecosystem(ecosystem));
        var release = new RecognizedRelease(
                found.found(),
                found.normalized(),
                found.order(),
                found.mayRelease(),
                made.toStoredPath(),
                build,
                found.digests(),
                found.recognizerVersion(),
                found.recognizer());
        QuarkusTransaction.requiringNew().run(() -> releases.record(cache, ecosystem, release));
    }

    public ReleaseInfo release(Cache cache, String ecosystem, String name, String version) {
        return packages.release(cache, ecosystem, ecosystem(ecosystem).normalize(name), version)
                .orElseThrow();
    }

    /** Requests the package like a client, which promises the served files. */
    public PackageInfo tell(Cache cache, String ecosystem, String name) {
        releases.promise(packages.findPublished(cache, ecosystem, name).orElseThrow().releases().stream()
                .flatMap(r -> r.artifacts().stream())
                .map(a -> a.id())
                .toList());
        return packages.findPublished(cache, ecosystem, name).orElseThrow();
    }
}
