package dev.narthex.client.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.client.support.DataFolders;
import dev.narthex.client.support.NarClient;
import dev.narthex.client.support.SeededNar;
import dev.narthex.client.support.Server;
import dev.narthex.nix.HashAlgorithm;
import dev.narthex.nix.NarInfo;
import dev.narthex.nix.NixHash;
import java.io.OutputStream;
import java.net.http.HttpResponse.BodyHandlers;
import java.security.DigestInputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Large NARs with a small heap: memory must not grow with their size. */
class LargeNarIT {
    private static final long MIB = 1L << 20;
    private static final int PUSHES = 4;
    private static final int DOWNLOADS = 16;

    @Test
    void fourPushesAndSixteenDownloadsOf64MiBFitIntoASmallHeap() throws Exception {
        // the server uses 280 MiB at the start and 440 MiB at the end: neither heap nor limit has room for
        // four NARs
        pushAndFetch(64 * MIB, "-Xmx160m", 520 * MIB);
    }

    @Test
    @Tag("long")
    void fourPushesAndSixteenDownloadsOf256MiBFitIntoASmallHeap() throws Exception {
        pushAndFetch(256 * MIB, "-Xmx256m", 600 * MIB);
    }

    @Test
    @Tag("long")
    void fourPushesAndSixteenDownloadsOf2GiBFitIntoASmallHeap() throws Exception {
        pushAndFetch(2048 * MIB, "-Xmx256m", 600 * MIB);
    }

    /**
     * @param bytes of each NAR
     * @param heap JVM option
     * @param limit of the peak of resident memory, in bytes
     */
    private static void pushAndFetch(long bytes, String heap, long limit) throws Exception {
        var data = Server.folder();
        try (var server = Server.start(data, heap, "-XX:+UseSerialGC")) {
            long before = server.peakMemory();
            var pushes = new ArrayList<Callable<NarInfo>>();
            for (int i = 1; i <= PUSHES; i++) {
                var nar = new SeededNar(i, bytes);
                pushes.add(() -> NarClient.push(server, nar));
            }
            var infos = together(pushes);
            long afterPushes = server.peakMemory();
            var first = infos.getFirst();
            var served = NarClient.narInfo(server, first);
            together(java.util.Collections.nCopies(DOWNLOADS, () -> {
                assertEquals(first.narHash(), NarClient.download(server, served));
                return true;
            }));
            together(java.util.Collections.nCopies(DOWNLOADS, () -> {
                assertEquals(first.narHash(), downloadPlain(server, first));
                return true;
            }));
            long peak = server.peakMemory();
            System.out.printf(
                    "load: peak memory %d MiB before, %d MiB after pushes, %d MiB after downloads%n",
                    before / MIB, afterPushes / MIB, peak / MIB);
            assertTrue(server.alive());
            assertTrue(peak < limit, () -> "peak memory was " + peak / MIB + " MiB");
        } finally {
            DataFolders.delete(data);
        }
    }

    /** Downloads it uncompressed, which the server decompresses. */
    private static NixHash downloadPlain(Server server, NarInfo pushed) throws Exception {
        var answer = server.http.send(server.request("/main/" + pushed.url()).build(), BodyHandlers.ofInputStream());
        assertEquals(200, answer.statusCode());
        var digest = HashAlgorithm.SHA256.newDigest();
        try (var in = new DigestInputStream(answer.body(), digest)) {
            in.transferTo(OutputStream.nullOutputStream());
        }
        return NixHash.of(HashAlgorithm.SHA256, digest.digest());
    }

    private static <T> List<T> together(List<Callable<T>> work) throws Exception {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var results = new ArrayList<T>();
            for (var future : threads.invokeAll(work)) {
                results.add(future.get());
            }
            return results;
        }
    }
}
