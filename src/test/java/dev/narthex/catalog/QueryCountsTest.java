package dev.narthex.catalog;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.TestDatabase;
import dev.narthex.catalog.support.CatalogFixture;
import dev.narthex.catalog.support.CatalogTour;
import dev.narthex.catalog.support.RecognitionFixture;
import dev.narthex.catalog.support.RecordingDriver;
import dev.narthex.catalog.support.ReleaseFixture;
import dev.narthex.spi.Cache;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Counts the statements of the catalog and checks that each is limited to a cache. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class QueryCountsTest {
    private static final Pattern OF_A_TENANT = Pattern.compile(
            "\\b(path|nar_facts|observation|build_log|realisation|import_run|derivation_meta|package|release|artifact|dependency|tag|star|tombstone|declined|cache_key|cache_usage)\\b");

    /** Matches a restriction to one cache: in a condition, as a value, or in an inserted row. */
    private static final Pattern NAMES_THE_CACHE = Pattern.compile(
            "cache_id(?: \\+ 0)? = (\\?|any\\(cast\\(\\? as bigint\\[]\\)\\))|\\(cache_id[,)]|\\(release_id, ord, cache_id,");

    /** Statements about one package, release or artifact whose id was looked up in the cache before. */
    private static final List<String> BY_ID = List.of(
            // reads of Packages by a package id from Packages.find
            "where p.id = ? order by r.version_key desc",
            "n.version_key desc, n.id desc limit 1)) where p.id = ?",
            "where p.id = ? and (r.version = ? or t.name is not null or",
            "where x.package_id = ? group by d.day",
            "where t.package_id = ? order by t.name = 'latest'",
            "where r.package_id = ? and r.state = 'released'",
            "where n.package_id = ? and n.state = 'released'",
            // Releases: below a package that was locked in its cache
            "insert into release",
            "select id from release where package_id = ? and version = ?",
            "update package p set default_release = s.id",
            "delete from package p where p.id = ?",
            "delete from release r where r.id = ?",
            "delete from artifact where id = ?",
            "insert into artifact as a",
            "select id from artifact where release_id = ?",
            "from artifact a join release r on r.id = a.release_id where a.release_id = ?",
            "update release set facts",
            // the change log covers all caches: it tells which documents are outdated
            "from change c left join package p on p.id = c.package_id",
            // paths of an import that was looked up in its cache
            "from import_run r where r.id = ?",
            // promises: artifacts that Packages.findPublished returned to the caller
            "from artifact where id = any(cast(? as bigint[]))",
            "select r.id from release r where r.id in",
            "update artifact set promised_at");

    @Inject
    CatalogFixture tables;

    @Inject
    ReleaseFixture recognized;

    @Inject
    CatalogTour tour;

    @Test
    void tourCallsEveryPublicMethod() {
        var methods = new TreeSet<String>();
        for (var bean : CatalogTour.BEANS) {
            Arrays.stream(bean.getDeclaredMethods())
                    .filter(m -> Modifier.isPublic(m.getModifiers()) && !m.isSynthetic())
                    .map(Method::getName)
                    .forEach(name -> methods.add(bean.getSimpleName() + "." + name));
        }
        var visited = tour.stops(small()).keySet().stream()
                .map(name -> name.split(" ")[0])
                .collect(Collectors.toCollection(TreeSet::new));
        assertEquals(methods, visited);
    }

    @Test
    void statementCountDoesNotGrowWithTheCatalog() {
        assertEquals(expected(), counted(small()));
        assertEquals(expected(), counted(large()));
    }

    private Map<String, Integer> expected() {
        return tour.stops(small()).entrySet().stream()
                .collect(Collectors.toMap(
                        Map.Entry::getKey, stop -> stop.getValue().statements(), (a, b) -> a, TreeMap::new));
    }

    private Map<String, Integer> counted(CatalogTour.Place place) {
        var counts = new TreeMap<String, Integer>();
        tour.stops(place)
                .forEach((name, stop) ->
                        counts.put(name, RecordingDriver.of(stop.call()).size()));
        return counts;
    }

    @Test
    void statementsOnCacheContentNameTheCache() {
        tour.stops(large()).forEach((name, stop) -> {
            for (var statement : RecordingDriver.of(stop.call())) {
                var sql = statement.replaceAll("\\s+", " ");
                boolean ours = OF_A_TENANT.matcher(sql).find();
                boolean named =
                        NAMES_THE_CACHE.matcher(sql).find() || BY_ID.stream().anyMatch(sql::contains);
                assertTrue(!ours || named, name + " does not name the cache: " + sql);
            }
        });
    }

    private CatalogTour.Place small() {
        var cache = tables.newCache();
        return place(cache, "1.0.0");
    }

    /** Creates fifty releases with dependents, more packages than a page shows. */
    private CatalogTour.Place large() {
        var cache = tables.newCache();
        for (int i = 1; i < 50; i++) {
            recognized.push(
                    cache,
                    "npm",
                    RecognitionFixture.of("lantern", i + ".0.0")
                            .named("f" + i + ".tgz")
                            .needing("oar", "mast"));
            if (i % 3 == 0) {
                recognized.push(
                        cache,
                        "npm",
                        RecognitionFixture.of("user-" + i, "1.0.0").needing("lantern", "oar"));
            }
        }
        return place(cache, "50.0.0");
    }

    private CatalogTour.Place place(Cache cache, String version) {
        var path = recognized.push(
                cache,
                "npm",
                RecognitionFixture.of("lantern", version).named("f.tgz").needing("oar"));
        return new CatalogTour.Place(cache, "lantern", version, path);
    }
}
