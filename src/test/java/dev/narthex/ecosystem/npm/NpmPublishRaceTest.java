package dev.narthex.ecosystem.npm;

import static io.restassured.RestAssured.given;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.narthex.TestDatabase;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Concurrent publishes of versions and of similar names. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class NpmPublishRaceTest extends NpmPublishSetup {

    @Test
    void concurrentPublishOfAVersionSucceedsOnce() throws Exception {
        var calls = new ArrayList<Callable<Integer>>();
        for (int i = 0; i < 6; i++) {
            var sending = PublishRequestFixture.of("oar", "1.0.0", Map.of("package/me.js", "module.exports = " + i));
            calls.add(() -> put(sending).statusCode());
        }
        var statuses = together(calls);
        assertEquals(1, statuses.stream().filter(s -> s == 201).count(), statuses.toString());
        assertEquals(5, statuses.stream().filter(s -> s == 403).count(), statuses.toString());
        assertEquals(2, count("path where cache_id = " + cache.id()), "of those that lost nothing is kept");
    }

    @Test
    void concurrentPublishesOfVersionsAllSucceed() throws Exception {
        var calls = IntStream.range(0, 16)
                .mapToObj(i -> PublishRequestFixture.of("oar", "1.0." + i))
                .<Callable<Integer>>map(sending -> () -> put(sending).statusCode())
                .toList();
        assertEquals(List.of(201), together(calls).stream().distinct().toList());
        var packument = given().get(at("oar"));
        assertEquals(16, packument.<Map<String, Object>>path("versions").size());
        assertEquals(16, count("release r join package p on p.id = r.package_id where p.cache_id = " + cache.id()));
    }

    @Test
    void concurrentSimilarNamesSucceedOnce() throws Exception {
        var calls = Stream.of("row-boat", "row_boat", "rowboat", "row.boat")
                .map(name -> PublishRequestFixture.of(name, "1.0.0"))
                .<Callable<Integer>>map(sending -> () -> put(sending).statusCode())
                .toList();
        var statuses = together(calls).stream().sorted().toList();
        assertEquals(List.of(201, 403, 403, 403), statuses);
    }

    private static List<Integer> together(List<Callable<Integer>> calls) throws Exception {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var results = new ArrayList<Integer>();
            for (var future : threads.invokeAll(calls)) {
                results.add(future.get());
            }
            return results;
        }
    }
}
