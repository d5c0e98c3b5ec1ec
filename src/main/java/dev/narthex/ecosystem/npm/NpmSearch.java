package dev.narthex.ecosystem.npm;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.narthex.spi.DownloadCount;
import dev.narthex.spi.PackageView;
import dev.narthex.spi.Registry;
import dev.narthex.spi.ReleaseView;
import java.time.Instant;
import java.util.List;

/** Hits of {@code npm search} (npm/registry docs/REGISTRY-API.md), with the members that npm prints. */
final class NpmSearch {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final Registry registry;

    NpmSearch(Registry registry) {
        this.registry = registry;
    }

    ObjectNode answer(List<PackageView> found, int from) {
        var objects = JSON.createArrayNode();
        var downloads = registry.downloads(
                NpmEcosystem.ID, found.stream().map(PackageView::normalised).toList());
        for (var view : found) {
            var count = downloads.getOrDefault(view.normalised(), DownloadCount.NONE);
            new Packument(view, "").latest().ifPresent(release -> objects.add(hit(view, release, count)));
        }
        var answer = JSON.createObjectNode();
        answer.set("objects", objects);
        answer.put("total", from + objects.size());
        answer.put("time", Packument.time(Instant.now()));
        return answer;
    }

    private ObjectNode hit(PackageView view, ReleaseView release, DownloadCount count) {
        var facts = release.facts();
        var hit = JSON.createObjectNode();
        var about = hit.putObject("package");
        about.put("name", view.name());
        about.put(
                "scope",
                NpmName.parse(view.name())
                        .map(NpmName::scope)
                        .filter(s -> !s.isEmpty())
                        .orElse("unscoped"));
        about.put("version", release.version());
        about.put("description", facts.summary());
        facts.keywords().forEach(about.putArray("keywords")::add);
        about.put("date", Packument.time(release.publishedAt()));
        about.put("license", facts.licence());
        var links = about.putObject("links");
        links.put("npm", registry.baseUrl() + "/" + registry.cache().name() + "/npm/" + view.name());
        put(links, "homepage", facts.homepage());
        put(links, "repository", facts.repository());
        about.putObject("publisher")
                .put(
                        "username",
                        facts.people().stream()
                                .findFirst()
                                .orElse(registry.cache().name()));
        people(about.putArray("maintainers"), facts.people());
        hit.putObject("downloads").put("monthly", count.month()).put("weekly", count.week());
        var score = hit.putObject("score");
        score.put("final", 1);
        score.putObject("detail").put("quality", 1).put("popularity", 1).put("maintenance", 1);
        return hit.put("searchScore", 1);
    }

    private static void people(ArrayNode list, List<String> names) {
        names.forEach(name -> list.addObject().put("username", name));
    }

    private static void put(ObjectNode links, String name, String address) {
        if (!address.isEmpty()) {
            links.put(name, address);
        }
    }
}
