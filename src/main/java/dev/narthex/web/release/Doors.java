package dev.narthex.web.release;

import dev.narthex.catalog.path.Closure;
import dev.narthex.catalog.path.PathRelease;
import dev.narthex.catalog.release.Packages;
import dev.narthex.spi.Ecosystem;
import dev.narthex.spi.InstallSnippet;
import dev.narthex.spi.ReleaseView;
import dev.narthex.spi.StorePathClient;
import dev.narthex.web.page.Ecosystems;
import dev.narthex.web.view.InstallCheck;
import dev.narthex.web.view.PackageView.Command;
import dev.narthex.web.view.PackageView.Door;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Builds the install box of a release: the commands of each client, and whether the cache has everything they fetch. */
@ApplicationScoped
class Doors {
    private static final int MAX_OTHER_DOORS = 4;

    private final Packages packages;
    private final Ecosystems ecosystems;
    private final InstallChecks checks;

    Doors(Packages packages, Ecosystems ecosystems, InstallChecks checks) {
        this.packages = packages;
        this.ecosystems = ecosystems;
        this.checks = checks;
    }

    /** @param closure closure of the release's path */
    private record Own(ReleaseContext release, Closure closure) {}

    /**
     * Returns the commands of the page's own ecosystem first, then those of each other ecosystem that has the same project. Since
     * every file is in a store path, commands of the store path client come last unless it is already listed.
     *
     * @param closure closure of the release's path
     */
    List<Door> of(ReleaseContext release, List<PathRelease> others, Closure closure) {
        if (!release.view().released()) {
            return List.of();
        }
        var own = new Own(release, closure);
        var doors = new ArrayList<>(doors(own, release.view()));
        others.stream()
                .filter(known -> known.released()
                        && !known.ecosystem().equals(release.view().ecosystem()))
                .collect(Collectors.toMap(PathRelease::ecosystem, Function.identity(), (a, b) -> a, TreeMap::new))
                .values()
                .stream()
                .limit(MAX_OTHER_DOORS)
                .flatMap(known ->
                        packages
                                .release(release.cache(), known.ecosystem(), known.normalized(), known.version())
                                .stream())
                .forEach(other -> doors.addAll(doors(own, other)));
        ecosystems
                .storePathClient()
                .filter(client ->
                        doors.stream().noneMatch(door -> door.ecosystem().id().equals(client.id())))
                .ifPresent(client -> doors.addAll(doors(own, client, release.view(), path(client, release))));
        return doors;
    }

    private static List<InstallSnippet> path(Ecosystem ecosystem, ReleaseContext release) {
        var view = release.view();
        return ecosystem instanceof StorePathClient client
                ? List.of(client.fetch(release.path().path(), view.baseUrl(), view.cache(), view.keys()))
                : List.of();
    }

    private List<Door> doors(Own own, ReleaseView view) {
        return ecosystems.find(view.ecosystem()).filter(_ -> view.released()).stream()
                .flatMap(ecosystem -> doors(own, ecosystem, view, ecosystem.install(view)).stream())
                .toList();
    }

    private List<Door> doors(Own own, Ecosystem ecosystem, ReleaseView view, List<InstallSnippet> snippets) {
        var byDoor = snippets.stream()
                .collect(Collectors.groupingBy(InstallSnippet::door, LinkedHashMap::new, Collectors.toList()));
        return byDoor.entrySet().stream()
                .map(each -> new Door(
                        ecosystems.name(ecosystem.id()),
                        each.getKey(),
                        check(own, view, each.getValue().getFirst()),
                        !ecosystem.id().equals(view.ecosystem()),
                        limits(each.getValue()),
                        each.getValue().stream()
                                .map(snippet -> new Command(snippet.command(), snippet.note()))
                                .toList()))
                .toList();
    }

    private InstallCheck check(Own own, ReleaseView view, InstallSnippet snippet) {
        var cache = own.release.cache();
        var path = own.release.path().path();
        return snippet.path().filter(path::equals).isPresent()
                ? InstallChecks.ofClosure(cache, path, own.closure)
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
