package dev.narthex.client.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.client.support.DataFolders;
import dev.narthex.client.support.SeededTree;
import dev.narthex.client.support.Server;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Large trees with a small heap: a tarball and a wheel are derived, and memory does not grow with the tree. */
class LargeTreeIT {
    private static final long MIB = 1L << 20;
    private static final long LIMIT_NANOS = TimeUnit.MINUTES.toNanos(60);

    @Test
    void filesAreDerivedFrom64MiBInASmallHeap() throws Exception {
        // about 340 MiB are used: the limit has no room for the tree
        make(new SeededTree(4, 16 * MIB), "-Xmx160m", 390 * MIB);
    }

    @Test
    @Tag("long")
    void filesAreDerivedFrom2GiBInASmallHeap() throws Exception {
        make(new SeededTree(8, 256 * MIB), "-Xmx256m", 600 * MIB);
    }

    /**
     * @param heap JVM option
     * @param limit of the peak of resident memory, in bytes
     */
    private static void make(SeededTree tree, String heap, long limit) throws Exception {
        var data = Server.folder();
        try (var server = Server.start(data, heap, "-XX:+UseSerialGC")) {
            var info = tree.narInfo("nar/large.nar");
            var body = BodyPublishers.fromPublisher(BodyPublishers.ofInputStream(tree::open), info.narSize());
            assertEquals(201, put(server, info.url(), body));
            assertEquals(201, put(server, SeededTree.PATH.hash() + ".narinfo", BodyPublishers.ofString(info.text())));
            long pushed = System.nanoTime();
            long before = server.peakMemory();
            for (var file : List.of("npm/large/-/large-1.0.0.tgz", "pypi/simple/large/")) {
                while (status(server, "/registry/main/" + file) != 200) {
                    assertTrue(server.alive(), "the server ended: " + server.log());
                    assertTrue(System.nanoTime() - pushed < LIMIT_NANOS, "not made: " + server.log());
                    TimeUnit.MILLISECONDS.sleep(200);
                }
            }
            long peak = server.peakMemory();
            System.out.printf(
                    "large tree: %d MiB made in %d s, peak memory %d MiB before, %d MiB after%n",
                    info.narSize() / MIB,
                    TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - pushed),
                    before / MIB,
                    peak / MIB);
            assertTrue(peak < limit, () -> "peak memory was " + peak / MIB + " MiB");
        } finally {
            DataFolders.delete(data);
        }
    }

    private static int put(Server server, String target, BodyPublisher body) throws Exception {
        var answer =
                server.http.send(server.authorized("/main/" + target).PUT(body).build(), BodyHandlers.ofString());
        return answer.statusCode();
    }

    private static int status(Server server, String path) throws Exception {
        var request =
                server.request(path).method("HEAD", BodyPublishers.noBody()).build();
        return server.http.send(request, BodyHandlers.discarding()).statusCode();
    }
}
