package dev.narthex.search;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.TestDatabase;
import dev.narthex.catalog.change.ChangeLog;
import dev.narthex.search.SearchQuery.Filter;
import dev.narthex.search.SearchQuery.Order;
import dev.narthex.search.support.IndexWaiter;
import dev.narthex.search.support.SearchFixture;
import dev.narthex.search.support.SearchFixture.Seed;
import dev.narthex.spi.Cache;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Relevance: queries with the packages expected first, over real package names. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class RelevanceTest {
    private static final Path RESOURCES = Path.of("src/test/resources");
    private static final int FIRST = 3;
    private static final double WITHIN_THE_FIRST = 0.9;

    /** The score at the last review; increase it when the score improves. */
    private static final double GAIN = 0.945;

    private static Cache cache;

    @Inject
    PackageSearchIndex index;

    @Inject
    ChangeLog changes;

    @Inject
    SearchFixture seeds;

    private record Row(String query, List<Filter> filters, List<String> expected, String kind) {
        static Row parse(String line) {
            var f = line.split("\t", -1);
            var filters = Stream.of(f[1].split(" "))
                    .filter(filter -> !filter.isEmpty())
                    .map(filter -> filter.split("="))
                    .map(pair -> new Filter(Facet.valueOf(pair[0]), pair[1]))
                    .toList();
            return new Row(f[0], filters, List.of(f[2].split(" ")), f[3]);
        }
    }

    @BeforeEach
    void fill() throws IOException {
        if (cache == null) {
            cache = seeds.cache(true);
            seeds.add(cache, lines("search/packages.tsv").map(Seed::parse).toList());
        }
        IndexWaiter.await(index, changes);
    }

    private static Stream<String> lines(String file) throws IOException {
        return Files.readAllLines(RESOURCES.resolve(file)).stream().filter(line -> !line.startsWith("#"));
    }

    private List<String> found(Row row) {
        return index
                .search(new SearchQuery(row.query, Set.of(cache.id()), row.filters, Order.BEST, 1))
                .orElseThrow()
                .hits()
                .stream()
                .map(hit -> hit.ecosystem() + ":" + hit.name())
                .toList();
    }

    @Test
    void fixtureIsLarge() throws IOException {
        assertTrue(lines("search/packages.tsv").count() >= 300);
        assertTrue(lines("judged.tsv").count() >= 40);
    }

    @Test
    void expectedNamesComeFirst() throws IOException {
        var wrong = new ArrayList<String>();
        var far = new ArrayList<String>();
        double gain = 0;
        var rows = lines("judged.tsv").map(Row::parse).toList();
        for (var row : rows) {
            var found = found(row);
            if (row.kind.equals("exact")
                    && (found.isEmpty() || !found.getFirst().equals(row.expected.getFirst()))) {
                wrong.add(row.query + " -> " + found);
            }
            if (!found.subList(0, Math.min(FIRST, found.size())).contains(row.expected.getFirst())) {
                far.add(row.query + " " + row.expected + " -> " + found);
            }
            gain += gain(row.expected, found);
        }
        assertEquals(List.of(), wrong);
        assertTrue(far.size() <= rows.size() * (1 - WITHIN_THE_FIRST), String.join("\n", far));
        assertTrue(gain / rows.size() >= GAIN, "nDCG@10 is " + gain / rows.size() + "\n" + String.join("\n", far));
        System.out.println("nDCG@10 " + gain / rows.size() + ", not within the first three: " + far);
    }

    /** Normalized discounted gain of the first ten results: the first expected name has the most weight. */
    private static double gain(List<String> expected, List<String> found) {
        double got = 0;
        double best = 0;
        for (int i = 0; i < expected.size(); i++) {
            double worth = expected.size() - i;
            best += worth / log2(i + 2);
            int at = found.indexOf(expected.get(i));
            got += at >= 0 && at < 10 ? worth / log2(at + 2) : 0;
        }
        return got / best;
    }

    private static double log2(double x) {
        return Math.log(x) / Math.log(2);
    }
}
