package dev.narthex.ecosystem.npm;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.narthex.problem.Problem;
import dev.narthex.spi.DownloadCount;
import dev.narthex.spi.Registry;
import dev.narthex.spi.ReleaseInfo;
import dev.narthex.spi.UntrustedText;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Serves {@code npm search} (npm/registry docs/REGISTRY-API.md). Of npm's search qualifiers, scope and keywords are searched for,
 * people count as ordinary words, and qualifiers that sort or exclude are ignored.
 */
final class NpmSearch {
    private static final int MAX_HITS = 250;
    private static final int MAX_TEXT_LENGTH = 512;
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private final Registry registry;

    NpmSearch(Registry registry) {
        this.registry = registry;
    }

    ObjectNode respond(String text, int from, int size) {
        if (text.length() > MAX_TEXT_LENGTH) {
            throw Problem.malformed("search text", text, "at most " + MAX_TEXT_LENGTH + " characters.");
        }
        var hits = registry.search(NpmEcosystem.ID, queryWords(text), from, Math.clamp(size, 1, MAX_HITS));
        var downloads = registry.downloads(
                NpmEcosystem.ID,
                hits.releases().stream().map(ReleaseInfo::normalized).toList());
        var answer = NODES.objectNode();
        var objects = answer.putArray("objects");
        for (var release : hits.releases()) {
            objects.add(hit(release, downloads.getOrDefault(release.normalized(), DownloadCount.NONE)));
        }
        answer.put("total", hits.total());
        answer.put("time", Packument.time(Instant.now()));
        return answer;
    }

    static String queryWords(String text) {
        return Stream.of(text.strip().split("\\s+"))
                .flatMap(NpmSearch::normalizeQualifier)
                .collect(Collectors.joining(" "));
    }

    private static Stream<String> normalizeQualifier(String word) {
        int colon = word.indexOf(':');
        var value = word.substring(colon + 1);
        return switch (word.substring(0, Math.max(colon, 0))) {
            case "scope" -> Stream.of("@" + value.replaceFirst("^@", "") + "/");
            case "keywords" -> Stream.of(value.split("[,+]"));
            case "author", "maintainer" -> Stream.of(value);
            case "not", "is", "boost-exact" -> Stream.empty();
            default -> Stream.of(word);
        };
    }

    private ObjectNode hit(ReleaseInfo release, DownloadCount count) {
        var facts = release.facts();
        var manifest = new RegistryManifest("", Optional.empty()).manifest(release);
        var hit = NODES.objectNode();
        var about = hit.putObject("package");
        about.put("name", release.name());
        about.put(
                "scope",
                NpmName.parse(release.name())
                        .map(NpmName::scope)
                        .filter(s -> !s.isEmpty())
                        .orElse("unscoped"));
        about.put("version", release.version());
        about.put("description", facts.summary());
        facts.keywords().forEach(about.putArray("keywords")::add);
        about.put("date", Packument.time(release.publishedAt()));
        about.put("license", facts.licence());
        var links = about.putObject("links");
        links.put("npm", registry.baseUrl() + "/" + registry.cache().name() + "/npm/" + release.name());
        put(links, "homepage", facts.homepage());
        put(links, "repository", facts.repository());
        put(
                links,
                "bugs",
                UntrustedText.address(manifest.path("bugs").path("url").asText("")));
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
        hit.put("searchScore", 1);
        hit.putObject("flags").put("insecure", facts.vulnerabilities().isEmpty() ? 0 : 1);
        return hit;
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
