package dev.narthex.vault.locks;

import dev.narthex.catalog.path.PathSummary;
import dev.narthex.catalog.path.Paths;
import dev.narthex.catalog.release.EquivalentFiles;
import dev.narthex.catalog.release.EquivalentFiles.EquivalentFile;
import dev.narthex.catalog.release.EquivalentFiles.FileQuery;
import dev.narthex.nix.StorePath;
import dev.narthex.spi.Cache;
import dev.narthex.spi.Ecosystem;
import dev.narthex.spi.LockedFile;
import jakarta.inject.Singleton;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * Finds the store paths of the files in a lockfile. They are computed from name and hash, as nixpkgs' fetchers do, so nothing is
 * fetched. Looking them up in the cache takes two statements, however long the lockfile is.
 */
@Singleton
public class LockPaths {
    private final Paths paths;
    private final EquivalentFiles equivalentFiles;
    private final String baseUrl;

    LockPaths(Paths paths, EquivalentFiles equivalentFiles, @ConfigProperty(name = "narthex.url") String baseUrl) {
        this.paths = paths;
        this.equivalentFiles = equivalentFiles;
        this.baseUrl = baseUrl;
    }

    /** @param ecosystem ecosystem of the lockfile; a {@link dev.narthex.spi.LockfileReader} */
    public LockfilePlan locate(Cache cache, Ecosystem ecosystem, ParsedLockfile lock) {
        var files = lock.dependencies().stream()
                .flatMap(dependency -> dependency.files().stream())
                .toList();
        var here = findPresent(cache, files);
        var queries = files.stream()
                .filter(file ->
                        LockSearch.computedPath(file).filter(here::contains).isEmpty())
                .map(file -> LockSearch.toQuery(ecosystem, file))
                .collect(Collectors.toSet());
        var face = baseUrl + "/registry/" + cache.name() + "/" + ecosystem.id() + "/";
        var search = new LockSearch(ecosystem, face, here, findEquivalents(cache, ecosystem, queries));
        var plan = new LockfilePlan();
        for (var dependency : lock.dependencies()) {
            plan.add(dependency, search.of(dependency));
        }
        return plan;
    }

    private Set<StorePath> findPresent(Cache cache, Collection<LockedFile> files) {
        var bases = files.stream()
                .flatMap(file -> LockSearch.computedPath(file).stream())
                .map(StorePath::baseName)
                .collect(Collectors.toSet());
        return paths.summaries(cache.id(), bases).stream()
                .map(PathSummary::path)
                .collect(Collectors.toSet());
    }

    private Map<FileQuery, EquivalentFile> findEquivalents(
            Cache cache, Ecosystem ecosystem, Collection<FileQuery> queries) {
        return queries.isEmpty() ? Map.of() : equivalentFiles.find(cache.id(), ecosystem.id(), List.copyOf(queries));
    }
}
