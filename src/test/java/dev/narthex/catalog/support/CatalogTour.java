package dev.narthex.catalog.support;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.narthex.catalog.Sort;
import dev.narthex.catalog.cache.CacheKeyring;
import dev.narthex.catalog.cache.Retention;
import dev.narthex.catalog.path.PathInfo;
import dev.narthex.catalog.release.DerivationMetaEntry;
import dev.narthex.catalog.release.EquivalentFiles;
import dev.narthex.nix.DerivationOutput;
import dev.narthex.nix.NarInfo;
import dev.narthex.nix.SecretKey;
import dev.narthex.retention.ExpiredReleases;
import dev.narthex.retention.Pins;
import dev.narthex.spi.Cache;
import dev.narthex.vault.imports.ImportPaths;
import dev.narthex.vault.imports.ImportRun;
import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/** Calls every public method of the catalog once, on one cache. */
@ApplicationScoped
public class CatalogTour extends CatalogServices {
    private static final String NPM = "npm";
    private static final DerivationOutput OUTPUT = new DerivationOutput("0".repeat(32) + "-x.drv", "out");

    /** A method call and the number of statements that it may run. */
    public record Stop(int statements, Runnable call) {}

    /**
     * @param name of an npm package
     * @param version of one of its releases, which has the file {@code f.tgz} in {@code path}
     */
    public record Place(Cache cache, String name, String version, PathInfo path) {}

    public Map<String, Stop> stops(Place at) {
        var stops = new LinkedHashMap<String, Stop>();
        caches(at, stops);
        paths(at, stops);
        packages(at, stops);
        packageLists(at, stops);
        writes(at, stops);
        proposals(at, stops);
        imports(at, stops);
        tenants(at, stops);
        keeping(at, stops);
        collecting(at, stops);
        return stops;
    }

    private void imports(Place at, Map<String, Stop> stops) {
        long id = at.cache.id();
        var order = new ImportRun.ImportParams("https://cache.example.org", false, List.of(), false, "admin");
        var run = QuarkusTransaction.requiringNew().call(() -> imports.start(id, order));
        var info = new NarInfo(
                at.path.path(),
                "nar/x.nar",
                "none",
                Optional.empty(),
                OptionalLong.empty(),
                at.path.narHash(),
                1,
                List.of("0".repeat(32) + "-x"),
                Optional.empty(),
                List.of(),
                Optional.empty());
        stops.put("Imports.start", write(3, () -> imports.start(id, order)));
        stops.put("Imports.find", read(1, () -> imports.find(id, run.id())));
        stops.put("Imports.list", read(1, () -> imports.list(id)));
        stops.put("Imports.markListed", write(1, () -> imports.markListed(run)));
        var hash = at.path.path().hash();
        stops.put("ImportPaths.addWanted", write(2, () -> importPaths.addWanted(run, List.of(hash))));
        stops.put("ImportPaths.next", read(1, () -> importPaths.next(run, 10, List.of())));
        stops.put("ImportPaths.storeNarInfo", write(3, () -> importPaths.storeNarInfo(run, info)));
        stops.put(
                "ImportPaths.setFinalState",
                write(3, () -> importPaths.setFinalState(run, hash, ImportPaths.State.FETCHED, "")));
        stops.put("ImportPaths.finishCycles", write(2, () -> importPaths.finishCycles(run)));
        stops.put("ImportPaths.totals", read(1, () -> importPaths.totals(run, Duration.ofMinutes(1))));
        stops.put("ImportPaths.listFailures", read(1, () -> importPaths.listFailures(run, 10)));
        stops.put("Imports.finish", write(1, () -> imports.finish(run)));
        stops.put("Imports.stop", write(1, () -> imports.stop(run, "enough")));
    }

    private void tenants(Place at, Map<String, Stop> stops) {
        stops.put("CacheSettingsStore.of", read(1, () -> settings.of(at.cache.id())));
        stops.put("CacheSettingsStore.quota", read(1, () -> settings.quota(at.cache.id())));
        stops.put("CacheSettingsStore.change", write(1, () -> settings.change(at.cache.id(), same -> same)));
        var leaving = tables.newCache();
        long id = at.cache.id();
        var key = SecretKey.generate("tour-" + tables.newDomain());
        stops.put("CacheStatsQuery.of", read(1, () -> overviews.of(List.of(id))));
        stops.put("CacheStatsQuery.totals", read(1, () -> overviews.totals(List.of(id))));
        stops.put("CacheStatsQuery.listRestorable", read(1, () -> overviews.listRestorable(List.of(id))));
        stops.put("CacheKeyring.list", read(1, () -> keys.list(id)));
        stops.put("CacheKeyring.next", read(0, () -> CacheKeyring.next(at.cache.name(), List.of())));
        stops.put("CacheDeletion.restorableUntil", read(1, () -> deletion.restorableUntil(leaving.id())));
        stops.put("CacheKeyring.rotate", write(4, () -> keys.rotate(id, at.cache.name())));
        stops.put("CacheKeyring.addExistingKey", write(4, () -> keys.addExistingKey(id, key)));
        stops.put("CacheKeyring.setSigning", write(4, () -> keys.setSigning(id, key.name(), false)));
        stops.put("CacheKeyring.destroy", write(4, () -> keys.destroy(id, key.name())));
        stops.put("CacheDeletion.delete", write(1, () -> deletion.delete(leaving.id())));
        stops.put("CacheDeletion.undelete", write(1, () -> deletion.undelete(leaving.id())));
        stops.put("CacheDeletion.claimExpired", write(1, deletion::claimExpired));
        stops.put("CacheDeletion.removeSome of an existing cache", write(1, () -> deletion.removeSome(leaving.id())));
        var gone = tables.newCache();
        tables.run("delete from cache_key where cache_id = %1$d; update cache set removing_at = now() where id = %1$d"
                .formatted(gone.id()));
        stops.put("CacheDeletion.removeSome", write(19, () -> deletion.removeSome(gone.id())));
        stops.put("CacheDeletion.releaseName", write(1, () -> deletion.releaseName(gone.name())));
        stops.put("CacheDeletion.isNameUsed", read(1, () -> deletion.isNameUsed(gone.name())));
    }

    private void keeping(Place at, Map<String, Stop> stops) {
        long id = at.cache.id();
        var pin = new Pins.NewPin("demo", at.path.id(), "", Optional.empty(), "anna");
        stops.put("Pins.put", write(2, () -> pins.put(id, pin)));
        stops.put("Pins.find", read(1, () -> pins.find(id, "demo")));
        stops.put("Pins.list", read(1, () -> pins.list(id, "", 100)));
        stops.put("Pins.of", read(1, () -> pins.of(id, at.path.id(), 100)));
        stops.put("WhyKept.of", read(3, () -> keeping.of(id, at.path.path().hash(), Retention.NONE)));
        var loose = tables.push(at.cache, "loose");
        stops.put(
                "WhyKept.of an unreferenced path",
                read(2, () -> keeping.of(id, loose.path().hash(), Retention.NONE)));
        stops.put("Pins.expire", write(1, () -> pins.expire(id)));
        stops.put("Pins.remove", write(1, () -> pins.remove(id, "demo")));
        stops.put("PurgePlan.of", read(8, () -> purges.of(at.path, false, 100)));
    }

    private void collecting(Place at, Map<String, Stop> stops) {
        long id = at.cache.id();
        var rules = Retention.ofDays(30, Optional.of(1), Optional.empty());
        var run = QuarkusTransaction.requiringNew().call(() -> runs.begin(id, false, ""));
        var ids = List.of(at.path.id());
        var loose = tables.push(at.cache, "dead");
        var old = new ExpiredReleases.ExpiredRelease(1, NPM, at.name, at.version);
        tables.run("update path set pushed_at = now() - interval '40 days', last_access = current_date - 40 where id = "
                + loose.id());
        stops.put("GcRuns.begin", write(2, () -> runs.begin(id, false, "")));
        stops.put("GcRuns.addTotals", write(1, () -> runs.addTotals(id, run.id(), 0, 0, 0)));
        stops.put("GcRuns.finish", write(1, () -> runs.finish(id, run.id())));
        stops.put("GcRuns.find", read(1, () -> runs.find(id, run.id())));
        stops.put("GcRuns.latest", read(1, () -> runs.latest(id, 10)));
        stops.put("GcRuns.listDueCaches", read(1, runs::listDueCaches));
        stops.put("GcRuns.cache", read(1, () -> runs.cache(id)));
        stops.put("ExpiredReleases.listExpired", read(1, () -> oldReleases.listExpired(id, rules, 0, 100)));
        stops.put("ExpiredReleases.count", read(1, () -> oldReleases.count(id, rules)));
        var more = Retention.ofDays(30, Optional.of(10_000), Optional.empty());
        stops.put("ExpiredReleases.remove none", write(2, () -> oldReleases.remove(id, old, more, "", "")));
        stops.put("PathMarker.markRoots", write(1, () -> live.markRoots(id, run.id(), rules, "")));
        stops.put("PathMarker.markReferences", write(1, () -> live.markReferences(id, run.id(), 0, 0)));
        stops.put(
                "PathMarker.listUnreachable", read(1, () -> live.listUnreachable(id, run.id(), run.started(), 0, 100)));
        stops.put("PathMarker.totalUnreachable", read(1, () -> live.totalUnreachable(id, run.id(), run.started())));
        stops.put("PathMarker.deleteMarks", write(1, () -> live.deleteMarks(id, run.id())));
        stops.put("Releases.lockProposed none", write(1, () -> releases.lockProposed(id, ids)));
        stops.put("Releases.dropProposed none", write(1, () -> releases.dropProposed(id, ids)));
        stops.put("PathSweeper.withReferrers", read(1, () -> dead.withReferrers(id, at.path.id(), 100)));
        stops.put("PathSweeper.remove what stays", write(5, () -> dead.remove(id, rules, ids)));
        stops.put("PathSweeper.remove", write(11, () -> dead.remove(id, rules, List.of(loose.id()))));
        stops.put("PathSweeper.purge what stays", write(5, () -> dead.purge(id, ids)));
    }

    private void caches(Place at, Map<String, Stop> stops) {
        long id = at.cache.id();
        stops.put("CacheCatalog.find", read(1, () -> caches.find(at.cache.name())));
        stops.put("CacheCatalog.findNamed", read(0, () -> caches.findNamed(at.cache.name())));
        stops.put("CacheCatalog.list", read(1, () -> caches.list(100)));
        stops.put("CacheCatalog.listReadable", read(1, () -> caches.listReadable(List.of(), 100)));
        stops.put("CacheCatalog.counts", read(1, () -> caches.counts(id)));
        stops.put("CacheKeyring.signing", read(1, () -> keys.signing(id)));
        stops.put("CacheKeyring.publicKeys", read(1, () -> keys.publicKeys(id)));
        // once after a change of any cache
        stops.put("CacheKeyring.signingKeysText", read(1, () -> keys.signingKeysText(id)));
        stops.put("CacheKeyring.sign", read(0, () -> keys.sign(id, "x")));
        // plain JDBC, shared by concurrent callers
        stops.put("ChangeLog.revision", read(0, changes::revision));
        stops.put("ChangeLog.head", read(0, changes::head));
        stops.put("ChangeLog.readHead", read(0, changes::readHead));
        stops.put("ChangeLog.recentHead", read(0, changes::recentHead));
        stops.put("ChangeLog.requestHead", read(0, changes::requestHead));
        stops.put("ChangeLog.changedBetween", read(1, () -> changes.changedBetween(0, 10)));
        stops.put(
                "DerivationMetaRepository.find",
                read(1, () -> metas.find(id, at.path.path().hash())));
        stops.put("BuildLogs.find", read(1, () -> logs.find(id, "x.drv")));
        stops.put("BuildLogs.exists", read(1, () -> logs.exists(id, "x.drv")));
        stops.put("Realisations.find", read(1, () -> realisations.find(id, OUTPUT)));
    }

    private void paths(Place at, Map<String, Stop> stops) {
        long id = at.cache.id();
        var base = at.path.path().baseName();
        stops.put("Paths.find", read(1, () -> paths.find(id, at.path.path().hash())));
        stops.put(
                "Paths.findMissing",
                read(1, () -> paths.findMissing(id, List.of(at.path.path().hash(), "0".repeat(32)))));
        stops.put("Paths.findDamaged", read(1, () -> paths.findDamaged(id, "0".repeat(32))));
        stops.put("Paths.listDamaged", read(1, () -> paths.listDamaged(id, List.of("0".repeat(32)))));
        stops.put(
                "Paths.cachesWith",
                read(1, () -> paths.cachesWith(List.of(id), at.path.path().hash())));
        stops.put("Paths.referrers", read(1, () -> paths.referrers(id, base, 1)));
        stops.put("Paths.summaries", read(1, () -> paths.summaries(id, List.of(base))));
        stops.put(
                "Paths.closure", read(1, () -> paths.closure(id, at.path.path().hash(), 1000)));
        var hashes = List.of(at.path.path().hash());
        stops.put("Paths.findSigned", read(1, () -> paths.findSigned(id, hashes)));
        stops.put("Paths.closureTotals", read(1, () -> paths.closureTotals(id, hashes, 1000)));
        stops.put("Paths.cachesWith", read(1, () -> paths.cachesWith(List.of(id), hashes)));
        stops.put("Paths.newest", read(1, () -> paths.newest(id, 20)));
        stops.put(
                "Paths.conflictingNars",
                read(1, () -> paths.conflictingNars(id, at.path.path().hash())));
        stops.put("Paths.findByNamePrefix", read(1, () -> paths.findByNamePrefix(id, "lib", 20)));
        stops.put("Paths.findByNamePrefixes", read(1, () -> paths.findByNamePrefixes(id, List.of("lib", "bin"), 20)));
        stops.put("Paths.outputsOf", read(1, () -> paths.outputsOf(id, base)));
        stops.put("Paths.releasesOf", read(1, () -> paths.releasesOf(id, at.path.id())));
        var wanted = new EquivalentFiles.FileQuery(at.name, new byte[] {1}, CatalogFixture.hash("f.tgz"));
        stops.put("EquivalentFiles.find", read(1, () -> sameBytes.find(id, NPM, List.of(wanted))));
        stops.put("Paths.missingAndReserve", write(2, () -> paths.missingAndReserve(id, hashes)));
        stops.put("Paths.missingFrom", write(1, () -> paths.missingFrom(id, List.of(base))));
    }

    private void packages(Place at, Map<String, Stop> stops) {
        long id = at.cache.id();
        long packageId = packages.find(id, NPM, at.name).orElseThrow().id();
        stops.put("Packages.find", read(1, () -> packages.find(id, NPM, at.name)));
        stops.put("Packages.findWithVersions", read(1, () -> packages.findWithVersions(id, NPM, at.name)));
        stops.put("Packages.state", read(1, () -> packages.state(id, NPM, at.name)));
        stops.put("Packages.releases", read(1, () -> packages.releases(packageId, 1000)));
        stops.put("Packages.release", read(2, () -> packages.release(at.cache, NPM, at.name, at.version)));
        stops.put("Packages.defaultVersion", read(1, () -> packages.defaultVersion(packageId)));
        stops.put(
                "Packages.resolve",
                read(2, () -> packages.resolve(packageId, "latest", recognized.order(NPM, "latest"))));
        stops.put("Packages.findPublished", read(3, () -> packages.findPublished(at.cache, NPM, at.name)));
        stops.put("Packages.defaultReleases", read(1, () -> packages.defaultReleases(at.cache, NPM, List.of(at.name))));
        stops.put("Packages.file", read(1, () -> packages.file(id, NPM, at.name, "f.tgz")));
        stops.put("Packages.dependentCount", read(1, () -> packages.dependentCount(id, NPM, at.name)));
        stops.put("Packages.dependents", read(1, () -> packages.dependents(id, NPM, at.name, 1)));
        stops.put("Packages.listExisting", read(1, () -> packages.listExisting(id, NPM, List.of(at.name))));
        stops.put("Packages.someDependents", read(1, () -> packages.someDependents(id, NPM, at.name, 3)));
        stops.put(
                "Packages.availableVersions",
                read(1, () -> packages.availableVersions(id, NPM, List.of(at.name), Set.of("runtime"))));
        var release = packages.release(at.cache, NPM, at.name, at.version).orElseThrow();
        stops.put("Packages.notes", read(1, () -> packages.notes(id, List.of(release.id()))));
        stops.put("SameProjectQuery.of", read(1, () -> links.of(id, release.id())));
        stops.put("SameProjectQuery.ofPath", read(1, () -> links.ofPath(id, at.path.id())));
        stops.put("VulnerabilityQuery.releases", read(1, () -> vulnerable.releases(id, NPM, 100)));
        stops.put("VulnerabilityQuery.project", read(1, () -> vulnerable.project(id, release.id())));
        stops.put(
                "VulnerabilityQuery.inPaths",
                read(1, () -> vulnerable.inPaths(id, List.of(at.path.path().hash()))));
        stops.put(
                "VulnerabilityQuery.reported",
                read(1, () -> vulnerable.reported(id, List.of(at.path.path().hash()))));
        stops.put(
                "Packages.findWithPrimary",
                read(2, () -> packages.findWithPrimary(at.cache, NPM, at.name, at.version)));
        stops.put("AttestationRepository.ofRelease", read(1, () -> attestations.ofRelease(id, release.id(), 100)));
        stops.put("DownloadStats.of", read(1, () -> downloads.of(packageId, release.id())));
        stops.put("DownloadStats.recent", read(1, () -> downloads.recent(id, NPM, List.of(at.name))));
        stops.put("Stars.of", read(1, () -> stars.of(id, NPM, at.name, 100)));
        stops.put("Stars.listStarred", read(1, () -> stars.listStarred(id, NPM, tables.person(), 100)));
        stops.put("Packages.names", read(1, () -> packages.names(id, NPM, "", 100)));
        stops.put("ReleaseHistory.newest", read(1, () -> dates.newest(id, NPM, at.name, 50)));
        stops.put("ReleaseHistory.newest of a cache", read(1, () -> dates.newest(id, "", "", 50)));
        stops.put("ReleaseHistory.packages", read(1, () -> dates.packages(id, NPM, "", 100)));
        stops.put("ReleaseHistory.partition", read(1, () -> dates.partition(List.of(id), 20)));
        stops.put("ReleaseHistory.findRemoved", read(1, () -> dates.findRemoved(id, NPM, at.name, at.version)));
    }

    private void packageLists(Place at, Map<String, Stop> stops) {
        long id = at.cache.id();
        stops.put("Packages.list", read(3, () -> packages.list(id, NPM, Sort.NAME, 1)));
        stops.put("Packages.list by date", read(2, () -> packages.list(id, NPM, Sort.NEWEST, 1)));
        stops.put("Packages.list by dependents", read(2, () -> packages.list(id, NPM, Sort.DEPENDENTS, 1)));
        stops.put("Packages.search", read(2, () -> packages.search(List.of(id), Optional.empty(), at.name, 1, 20)));
        stops.put("Packages.newest", read(2, () -> packages.newest(List.of(id), 20)));
        stops.put("Packages.mostDepended", read(1, () -> packages.mostDepended(List.of(id), 20)));
    }

    /** Repeated calls only read; a kept promise costs one statement. */
    private void writes(Place at, Map<String, Stop> stops) {
        long id = at.cache.id();
        var hash = at.path.path().hash();
        var artifact = packages.file(id, NPM, at.name, "f.tgz").orElseThrow().id();
        var finding = RecognitionFixture.of(at.name, at.version).named("f.tgz").needing("oar");
        var release = finding.in(at.path, recognized.ecosystem(NPM));
        stops.put("Releases.record", write(10, () -> releases.record(at.cache, NPM, release)));
        stops.put(
                "Releases.deleteStaleArtifacts nothing",
                write(1, () -> releases.deleteStaleArtifacts(id, at.path.id(), Set.of(artifact))));
        stops.put("AttestationRepository.of", read(1, () -> attestations.of(id, artifact)));
        stops.put("Releases.promise", read(4, () -> releases.promise(List.of(artifact))));
        stops.put("Releases.promise again", read(1, () -> releases.promise(List.of(artifact))));
        stops.put(
                "ChangeLog.append",
                write(0, () -> changes.append(id, "path", Optional.empty(), Optional.empty(), Optional.of(hash))));
        var locked = QuarkusTransaction.requiringNew()
                .call(() -> edits.lock(id, NPM, at.name).orElseThrow());
        long person = tables.person();
        stops.put("Stars.set", write(1, () -> stars.set(locked, person, true)));
        stops.put("Stars.set no longer", write(1, () -> stars.set(locked, person, false)));
        stops.put(
                "DerivationMetaRepository.add",
                write(2, () -> metas.add(id, List.of(new DerivationMetaEntry(hash, "a", "{}")))));
        stops.put("DerivationMetaRepository.expire", write(1, () -> metas.expire(id, Duration.ofDays(7))));
        var body = JsonNodeFactory.instance.objectNode();
        stops.put("Realisations.add", write(1, () -> realisations.add(id, OUTPUT, body)));
        stops.put("Realisations.add again", write(2, () -> realisations.add(id, OUTPUT, body)));
        stops.put("Realisations.replace", write(1, () -> realisations.replace(id, OUTPUT, body)));
        stops.put("BuildLogs.put", write(1, () -> logs.put(id, "x.drv", new byte[1])));
        stops.put(
                "Paths.markAccessed",
                write(1, () -> paths.markAccessed(id, List.of(at.path.path().baseName()))));
        stops.put(
                "Paths.recordConflict",
                write(1, () -> paths.recordConflict(id, hash, CatalogFixture.hash("x"), "builder")));
        var again = CatalogFixture.newPath(at.path.path(), at.path.narId(), 1000, at.path.references());
        stops.put("Paths.add again", write(3, () -> paths.add(id, again)));
        var fresh = tables.newPath(at.cache, "fresh", 1, List.of());
        stops.put("Paths.add", write(3, () -> paths.add(id, fresh)));
        var two = List.of(tables.newPath(at.cache, "one", 1, List.of()), tables.newPath(at.cache, "two", 1, List.of()));
        stops.put("Paths.addAll", write(4, () -> paths.addAll(id, two)));
        long domain = tables.newDomain();
        stops.put(
                "CacheCatalog.create with a key",
                write(4, () -> caches.create("catalog-key-" + domain, domain, SecretKey.generate("k-1"))));
        stops.put("CacheCatalog.create", write(4, () -> caches.create("catalog-tour-" + domain, "", true, domain)));
        var other = recognized.push(at.cache, NPM, RecognitionFixture.of("gone-" + hash, "1.0.0"));
        stops.put(
                "Releases.deleteStaleArtifacts",
                write(7, () -> releases.deleteStaleArtifacts(id, other.id(), Set.of())));
    }

    /** One statement finds the package. */
    private void proposals(Place at, Map<String, Stop> stops) {
        long id = at.cache.id();
        long release = packages.release(at.cache, NPM, at.name, at.version)
                .orElseThrow()
                .id();
        var wanted = RecognitionFixture.of("wanted-" + at.path.path().hash(), "1.0.0")
                .proposed();
        var build = recognized.push(at.cache, NPM, wanted).path().hash();
        recognized.push(at.cache, NPM, wanted.holding("other"));
        var unwanted = RecognitionFixture.of("unwanted-" + at.path.path().hash(), "1.0.0")
                .proposed();
        recognized.push(at.cache, NPM, unwanted);
        stops.put("ReleaseBuilds.of", read(1, () -> builds.of(id, release, 100)));
        stops.put("Promotions.wasDeleted", read(1, () -> promotions.wasDeleted(id, NPM, at.name, at.version)));
        stops.put("Promotions.promote", write(11, () -> promote(at, wanted.name(), build)));
        stops.put("Promotions.promote again", write(3, () -> promote(at, wanted.name(), build)));
        stops.put(
                "DeclinedReleases.isDeclined",
                read(1, () -> declines.isDeclined(id, NPM, at.name, at.version, Optional.empty())));
        stops.put("DeclinedReleases.of", read(1, () -> declines.of(id, build)));
        stops.put("DeclinedReleases.decline one of several", write(10, () -> decline(at, wanted.name())));
        stops.put("DeclinedReleases.decline", write(8, () -> decline(at, unwanted.name())));
    }

    private void promote(Place at, String name, String build) {
        promotions.promote(edits.lock(at.cache.id(), NPM, name).orElseThrow(), "1.0.0", build, "anna");
    }

    private void decline(Place at, String name) {
        declines.decline(edits.lock(at.cache.id(), NPM, name).orElseThrow(), "1.0.0", Set.of(), "anna");
    }

    private static Stop read(int statements, Runnable call) {
        return new Stop(statements, call);
    }

    private static Stop write(int statements, Runnable call) {
        return new Stop(statements, () -> QuarkusTransaction.requiringNew().run(call));
    }
}
