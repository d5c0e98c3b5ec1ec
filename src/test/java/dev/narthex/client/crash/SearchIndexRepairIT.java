package dev.narthex.client.crash;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.narthex.client.support.DataFolders;
import dev.narthex.client.support.NixPushClient;
import dev.narthex.client.support.Server;
import dev.narthex.client.support.SmallNar;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The search index is damaged in every way that files can be damaged, while readers query it continuously. */
class SearchIndexRepairIT {
    private static final Duration REPAIR_TIMEOUT = Duration.ofSeconds(60);
    private static final int PACKAGES = 40;
    private static final int READERS = 4;
    private static final List<String> PAGES = List.of(
            "/search?q=lamp",
            "/api/search?q=lamp",
            "/suggest?q=lam",
            "/main/nix",
            "/main/nix?license=none",
            "/main/nix/lamp-no1",
            "/search?q=lmap",
            "/");

    private final Queue<String> failures = new ConcurrentLinkedQueue<>();
    private final AtomicLong responses = new AtomicLong();
    private int packages;

    private enum Damage {
        DELETED,
        TRUNCATED,
        OVERWRITTEN,
        OLD_SCHEMA,
        OLD_POSITION
    }

    @Test
    void damagedIndexIsRebuiltWhileReadersAreServed() throws Exception {
        damageAndAwaitRepairs(EnumSet.of(Damage.OVERWRITTEN));
    }

    @Test
    @Tag("long")
    void indexDamagedBeforeTheStartIsRebuilt() throws Exception {
        damageAndAwaitRepairs(EnumSet.allOf(Damage.class));
    }

    /** @param damagesBeforeStart damages to the index while no server runs; each needs a start */
    private void damageAndAwaitRepairs(Set<Damage> damagesBeforeStart) throws Exception {
        var data = Server.folder();
        try (var server = Server.start(data, Server.SHORT_LIVED)) {
            push(server, PACKAGES);
            awaitComplete(server, "pushed");
            for (var damage : Damage.values()) {
                runUnderReaders(server, () -> {
                    damage(data, damage);
                    push(server, 1);
                    awaitComplete(server, damage + " while it runs");
                });
            }
        }
        for (var damage : damagesBeforeStart) {
            damage(data, damage);
            try (var server = Server.start(data, Server.SHORT_LIVED)) {
                runUnderReaders(server, () -> {
                    push(server, 1);
                    awaitComplete(server, damage + " before the start");
                });
            }
        }
        DataFolders.delete(data);
    }

    private interface IndexAction {
        void run() throws Exception;
    }

    private void runUnderReaders(Server server, IndexAction action) throws Exception {
        var stop = new AtomicBoolean();
        long responsesBefore = responses.get();
        try (var readers = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < READERS; i++) {
                int firstPage = i;
                readers.submit(() -> read(server, firstPage, stop));
            }
            try {
                action.run();
            } finally {
                stop.set(true);
            }
        }
        assertEquals(List.of(), List.copyOf(failures));
        assertTrue(responses.get() - responsesBefore > PAGES.size(), "no page was read");
    }

    private void read(Server server, int firstPage, AtomicBoolean stop) {
        for (int i = firstPage; !stop.get(); i++) {
            var page = PAGES.get(i % PAGES.size());
            try {
                var request = server.request(page).header("Accept", "text/html");
                int status = server.http
                        .send(request.build(), BodyHandlers.discarding())
                        .statusCode();
                responses.incrementAndGet();
                if (status >= 400) {
                    failures.add(status + " " + page);
                }
            } catch (IOException | InterruptedException e) {
                failures.add(page + ": " + e);
                return;
            }
        }
    }

    private void push(Server server, int count) throws IOException, InterruptedException {
        var push = new NixPushClient(server, "main");
        for (int i = 0; i < count; i++) {
            packages++;
            push.publish(SmallNar.of(Map.of("a", "of " + packages)), SmallNar.path("lamp-no" + packages + "-1.0"));
        }
    }

    private void awaitComplete(Server server, String description) {
        awaitCondition(description, () -> {
            var response = search(server);
            return response.path("pages").path("total").asInt() == packages
                    && response.path("index").path("answered").asBoolean()
                    && !response.path("index").path("building").asBoolean();
        });
    }

    private static JsonNode search(Server server) {
        try {
            var request = server.request("/api/search?q=lamp").build();
            return new ObjectMapper()
                    .readTree(server.http.send(request, BodyHandlers.ofString()).body());
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static void awaitCondition(String description, BooleanSupplier condition) {
        long end = System.nanoTime() + REPAIR_TIMEOUT.toNanos();
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < end, () -> description + ": not complete within " + REPAIR_TIMEOUT);
            LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
        }
    }

    private static void damage(Path data, Damage damage) throws IOException {
        for (var index : completeIndexes(data)) {
            switch (damage) {
                case DELETED -> DataFolders.delete(index);
                case TRUNCATED -> {
                    try (var file = new RandomAccessFile(largestFile(index).toFile(), "rw")) {
                        file.setLength(file.length() / 2);
                    }
                }
                case OVERWRITTEN -> {
                    var file = largestFile(index);
                    try (var bytes = new RandomAccessFile(file.toFile(), "rw")) {
                        bytes.seek(bytes.length() / 2);
                        bytes.write(new byte[64]);
                    }
                }
                case OLD_SCHEMA ->
                    Files.writeString(index.resolve("cursor"), readCursor(index).replaceAll("schema=\\d+", "schema=1"));
                case OLD_POSITION ->
                    Files.writeString(index.resolve("cursor"), readCursor(index).replaceAll("seq=\\d+", "seq=1"));
            }
        }
    }

    private static String readCursor(Path index) throws IOException {
        return Files.readString(index.resolve("cursor"));
    }

    private static Path largestFile(Path index) throws IOException {
        try (var files = Files.list(index.resolve("package"))) {
            return files.max(Comparator.comparingLong(file -> file.toFile().length()))
                    .orElseThrow();
        }
    }

    /** Returns the complete indexes. */
    private static List<Path> completeIndexes(Path data) throws IOException {
        try (var indexes = Files.list(data.resolve("index"))) {
            return indexes.filter(index -> Files.exists(index.resolve("cursor")))
                    .toList();
        }
    }
}
