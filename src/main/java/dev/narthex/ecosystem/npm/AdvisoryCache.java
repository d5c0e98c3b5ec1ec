package dev.narthex.ecosystem.npm;

import dev.narthex.spi.Registry;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Caches the known vulnerabilities of each cache's packages until the cache changes, because npm requests an audit on every
 * install.
 */
@Singleton
class AdvisoryCache {
    private final Map<Long, CachedAdvisories> entries = new ConcurrentHashMap<>();

    /** @param flaws by package name */
    private record CachedAdvisories(String revision, Map<String, List<Advisory>> flaws) {}

    /** Returns advisories by package name. Few packages have any. */
    Map<String, List<Advisory>> of(Registry registry) {
        return entries.compute(
                        registry.cache().id(),
                        (id, last) -> last != null && last.revision.equals(registry.revision())
                                ? last
                                : new CachedAdvisories(registry.revision(), collect(registry)))
                .flaws;
    }

    private static Map<String, List<Advisory>> collect(Registry registry) {
        var versions = new TreeMap<String, Map<String, List<String>>>();
        for (var release : registry.vulnerable(NpmEcosystem.ID)) {
            var ofPackage = versions.computeIfAbsent(release.normalized(), name -> new TreeMap<>());
            for (var vulnerability : release.vulnerabilities()) {
                ofPackage
                        .computeIfAbsent(vulnerability, title -> new ArrayList<>())
                        .add(release.version());
            }
        }
        var pages = registry.baseUrl() + "/" + registry.cache().name() + "/npm/";
        var advisories = new TreeMap<String, List<Advisory>>();
        versions.forEach((name, titles) -> advisories.put(
                name,
                titles.entrySet().stream()
                        .map(title -> problem(pages, name, title.getKey(), title.getValue()))
                        .toList()));
        return advisories;
    }

    /** Links to the page of the newest affected version. */
    private static Advisory problem(String pages, String name, String title, List<String> versions) {
        return new Advisory(name, pages + name + "@" + versions.getLast(), title, versions);
    }
}
