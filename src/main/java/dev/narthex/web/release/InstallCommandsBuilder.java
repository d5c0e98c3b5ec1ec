package dev.narthex.web.release;

import dev.narthex.catalog.path.Closure;
import dev.narthex.catalog.path.PathRelease;
import dev.narthex.catalog.release.Packages;
import dev.narthex.spi.Ecosystem;
import dev.narthex.spi.InstallSnippet;
import dev.narthex.spi.ReleaseInfo;
import dev.narthex.spi.StorePathClient;
import dev.narthex.web.page.InstalledEcosystems;
import dev.narthex.web.view.InstallCheck;
import dev.narthex.web.view.PackageView.Command;
import dev.narthex.web.view.PackageView.InstallCommands;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Builds the install box of a release: the commands of each client, and whether the cache has everything they fetch. */
@ApplicationScoped
class InstallCommandsBuilder {
    private static final int MAX_OTHER_DOORS = 4;

    private final Packages packages;
    private final InstalledEcosystems ecosystems;
    private final InstallChecker checks;

    InstallCommandsBuilder(Packages packages, InstalledEcosystems ecosystems, InstallChecker checks) {
        this.packages = packages;
        this.ecosystems = ecosystems;
        this.checks = checks;
    }

    /** @param closure closure of the release's path */
    private record ReleaseClosure(ReleaseContext release, Closure closure) {}

    /**
     * Returns the commands of the page's own ecosystem first, then those of each other ecosystem that has the same project. Since
     * every file is in a store path, commands of the store path client come last unless it is already listed.
     *
     * @param closure closure of the release's path
     */
    List<InstallCommands> of(ReleaseContext release, List<PathRelease> otherReleases, Closure closure) {
        if (!release.view().released()) {
            return List.of();
        }
        var own = new ReleaseClosure(release, closure);
        var all = new ArrayList<>(commands(own, release.view()));
        otherReleases.stream()
                .filter(pathRelease -> pathRelease.released()
                        && !pathRelease.ecosystem().equals(release.view().ecosystem()))
                .collect(Collectors.toMap(PathRelease::ecosystem, Function.identity(), (a, b) -> a, TreeMap::new))
                .values()
                .stream()
                .limit(MAX_OTHER_DOORS)
                .flatMap(pathRelease -> packages
                        .release(
                                release.cache(),
                                pathRelease.ecosystem(),
                                pathRelease.normalized(),
                                pathRelease.version())
                        .stream())
                .forEach(other -> all.addAll(commands(own, other)));
        ecosystems
                .storePathClient()
                .filter(client -> all.stream()
                        .noneMatch(commands -> commands.ecosystem().id().equals(client.id())))
                .ifPresent(client -> all.addAll(commands(own, client, release.view(), path(client, release))));
        return all;
    }

    private static List<InstallSnippet> path(Ecosystem ecosystem, ReleaseContext release) {
        var view = release.view();
        return ecosystem instanceof StorePathClient client
                ? List.of(client.fetch(release.path().path(), view.baseUrl(), view.cache(), view.keys()))
                : List.of();
    }

    private List<InstallCommands> commands(ReleaseClosure release, ReleaseInfo view) {
        return ecosystems.find(view.ecosystem()).filter(_ -> view.released()).stream()
                .flatMap(ecosystem -> commands(release, ecosystem, view, ecosystem.install(view)).stream())
                .toList();
    }

    private List<InstallCommands> commands(
            ReleaseClosure release, Ecosystem ecosystem, ReleaseInfo view, List<InstallSnippet> snippets) {
        var byDoor = snippets.stream()
                .collect(Collectors.groupingBy(InstallSnippet::door, LinkedHashMap::new, Collectors.toList()));
        return byDoor.entrySet().stream()
                .map(entry -> new InstallCommands(
                        ecosystems.name(ecosystem.id()),
                        entry.getKey(),
                        check(release, view, entry.getValue().getFirst()),
                        !ecosystem.id().equals(view.ecosystem()),
                        limits(entry.getValue()),
                        entry.getValue().stream()
                                .map(snippet -> new Command(snippet.command(), snippet.note()))
                                .toList()))
                .toList();
    }

    private InstallCheck check(ReleaseClosure release, ReleaseInfo view, InstallSnippet snippet) {
        var cache = release.release.cache();
        var path = release.release.path().path();
        return snippet.path().filter(path::equals).isPresent()
                ? InstallChecker.ofClosure(cache, path, release.closure)
                : checks.of(cache, view, snippet);
    }

    private static String limits(List<InstallSnippet> snippets) {
        return snippets.stream()
                .map(InstallSnippet::limits)
                .filter(limits -> !limits.isEmpty())
                .findFirst()
                .orElse("");
    }
}
