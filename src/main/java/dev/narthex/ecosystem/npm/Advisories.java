package dev.narthex.ecosystem.npm;

import dev.narthex.spi.Registry;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What is known to be wrong with packages of a cache. npm asks on every install, so the answer is kept until something
 * changes.
 */
@Singleton
class Advisories {
    private final Map<Long, Kept> kept = new ConcurrentHashMap<>();

    /** @param flaws by name of the package */
    private record Kept(String revision, Map<String, List<Flaw>> flaws) {}

    /** By name of the package; few, if any, have an entry. */
    Map<String, List<Flaw>> of(Registry registry) {
        return kept.compute(
                        registry.cache().id(),
                        (id, last) -> last != null && last.revision.equals(registry.revision())
                                ? last
                                : new Kept(registry.revision(), collect(registry)))
                .flaws;
    }

    private static Map<String, List<Flaw>> collect(Registry registry) {
        var versions = new TreeMap<String, Map<String, List<String>>>();
        for (var release : registry.vulnerable(NpmEcosystem.ID)) {
            var ofPackage = versions.computeIfAbsent(release.normalised(), name -> new TreeMap<>());
            for (var vulnerability : release.vulnerabilities()) {
                ofPackage
                        .computeIfAbsent(vulnerability, title -> new ArrayList<>())
                        .add(release.version());
            }
        }
        var pages = registry.baseUrl() + "/" + registry.cache().name() + "/npm/";
        var flaws = new TreeMap<String, List<Flaw>>();
        versions.forEach((name, titles) -> flaws.put(
                name,
                titles.entrySet().stream()
                        .map(title -> flaw(pages, name, title.getKey(), title.getValue()))
                        .toList()));
        return flaws;
    }

    /** The page of the newest version that has it tells of it. */
    private static Flaw flaw(String pages, String name, String title, List<String> versions) {
        return new Flaw(name, pages + name + "@" + versions.getLast(), title, versions);
    }
}
