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

/** The search index is damaged in every way that files can be, under readers who never stop asking. */
class SearchIndexRepairIT {
    private static final Duration HEALED = Duration.ofSeconds(60);
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

    private final Queue<String> faults = new ConcurrentLinkedQueue<>();
    private final AtomicLong answers = new AtomicLong();
    private int packages;

    private enum Damage {
        DELETED,
        CUT,
        OTHER_BYTES,
        OLD_SCHEMA,
        BEHIND
    }

    @Test
    void damagedIndexIsRebuiltWhileReadersAreServed() throws Exception {
        whatever(EnumSet.of(Damage.OTHER_BYTES));
    }

    @Test
    @Tag("long")
    void indexDamagedBeforeTheStartIsRebuilt() throws Exception {
        whatever(EnumSet.allOf(Damage.class));
    }

    /** @param stopped what happens to the index while nobody runs; each takes a start */
    private void whatever(Set<Damage> stopped) throws Exception {
        var data = Server.folder();
        try (var server = Server.start(data, Server.SHORT_LIVED)) {
            push(server, PACKAGES);
            awaitComplete(server, "pushed");
            for (var damage : Damage.values()) {
                underReaders(server, () -> {
                    damage(data, damage);
                    push(server, 1);
                    awaitComplete(server, damage + " while it runs");
                });
            }
        }
        for (var damage : stopped) {
            damage(data, damage);
            try (var server = Server.start(data, Server.SHORT_LIVED)) {
                underReaders(server, () -> {
                    push(server, 1);
                    awaitComplete(server, damage + " before the start");
                });
            }
        }
        DataFolders.delete(data);
    }

    private interface Work {
        void run() throws Exception;
    }

    private void underReaders(Server server, Work work) throws Exception {
        var stop = new AtomicBoolean();
        long had = answers.get();
        try (var readers = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < READERS; i++) {
                int first = i;
                readers.submit(() -> read(server, first, stop));
            }
            try {
                work.run();
            } finally {
                stop.set(true);
            }
        }
        assertEquals(List.of(), List.copyOf(faults));
        assertTrue(answers.get() - had > PAGES.size(), "nobody read");
    }

    private void read(Server server, int first, AtomicBoolean stop) {
        for (int i = first; !stop.get(); i++) {
            var page = PAGES.get(i % PAGES.size());
            try {
                var request = server.request(page).header("Accept", "text/html");
                int status = server.http
                        .send(request.build(), BodyHandlers.discarding())
                        .statusCode();
                answers.incrementAndGet();
                if (status >= 400) {
                    faults.add(status + " " + page);
                }
            } catch (IOException | InterruptedException e) {
                faults.add(page + ": " + e);
                return;
            }
        }
    }

    private void push(Server server, int more) throws IOException, InterruptedException {
        var push = new NixPushClient(server, "main");
        for (int i = 0; i < more; i++) {
            packages++;
            push.publish(SmallNar.of(Map.of("a", "of " + packages)), SmallNar.path("lamp-no" + packages + "-1.0"));
        }
    }

    private void awaitComplete(Server server, String what) {
        until(what, () -> {
            var found = search(server);
            return found.path("pages").path("total").asInt() == packages
                    && found.path("index").path("answered").asBoolean()
                    && !found.path("index").path("building").asBoolean();
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

    private static void until(String what, BooleanSupplier reached) {
        long end = System.nanoTime() + HEALED.toNanos();
        while (!reached.getAsBoolean()) {
            assertTrue(System.nanoTime() < end, () -> what + ": not complete within " + HEALED);
            LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
        }
    }

    private static void damage(Path data, Damage damage) throws IOException {
        for (var folder : folders(data)) {
            switch (damage) {
                case DELETED -> DataFolders.delete(folder);
                case CUT -> {
                    try (var file = new RandomAccessFile(largest(folder).toFile(), "rw")) {
                        file.setLength(file.length() / 2);
                    }
                }
                case OTHER_BYTES -> {
                    var file = largest(folder);
                    try (var bytes = new RandomAccessFile(file.toFile(), "rw")) {
                        bytes.seek(bytes.length() / 2);
                        bytes.write(new byte[64]);
                    }
                }
                case OLD_SCHEMA ->
                    Files.writeString(folder.resolve("cursor"), cursor(folder).replaceAll("schema=\\d+", "schema=1"));
                case BEHIND ->
                    Files.writeString(folder.resolve("cursor"), cursor(folder).replaceAll("seq=\\d+", "seq=1"));
            }
        }
    }

    private static String cursor(Path folder) throws IOException {
        return Files.readString(folder.resolve("cursor"));
    }

    private static Path largest(Path folder) throws IOException {
        try (var files = Files.list(folder.resolve("package"))) {
            return files.max(Comparator.comparingLong(file -> file.toFile().length()))
                    .orElseThrow();
        }
    }

    /** Indexes that are complete. */
    private static List<Path> folders(Path data) throws IOException {
        try (var all = Files.list(data.resolve("index"))) {
            return all.filter(folder -> Files.exists(folder.resolve("cursor"))).toList();
        }
    }
}
