package dev.narthex.client.support;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.narthex.nix.Compression;
import dev.narthex.nix.HashAlgorithm;
import dev.narthex.nix.NarInfo;
import dev.narthex.nix.NixHash;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.security.DigestInputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Clients that push and read continuously through one URL while servers behind it fail. Clients retry after a 503 or a broken
 * connection. Records acknowledged pushes, and violations: unexpected statuses, acknowledged paths that are absent, and wrong
 * bytes.
 */
public final class TrafficGenerator implements AutoCloseable {
    private static final int LEAST_BYTES = 1 << 10;
    private static final int MAX_BYTES = 30 << 20;
    private static final int FIRST_SEED = 100_000;
    private static final int CHECKERS = 4;
    private static final int MAX_REPORTED = 20;

    private final Server front;
    private final Set<Integer> notNow;
    private final List<String> addresses;
    private final AtomicInteger seeds = new AtomicInteger(FIRST_SEED);
    private final Map<Integer, NarInfo> acknowledged = new ConcurrentHashMap<>();
    private final Queue<String> wrong = new ConcurrentLinkedQueue<>();
    private final AtomicLong pushes = new AtomicLong();
    private final AtomicLong reads = new AtomicLong();
    private final AtomicLong putOff = new AtomicLong();
    private final ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor();
    private final List<Future<?>> running = new ArrayList<>();
    private volatile boolean stopped;

    /**
     * @param notNow statuses after which clients retry; a 503 of the server itself must have Retry-After
     * @param addresses URLs of pages and documents that always exist
     */
    public TrafficGenerator(Server front, Set<Integer> notNow, List<String> addresses) {
        this.front = front;
        this.notNow = notNow;
        this.addresses = addresses;
    }

    public void begin(int pushers, int readers) {
        for (int i = 0; i < pushers; i++) {
            var random = new Random(i);
            running.add(clients.submit(() -> forEver(() -> push(random))));
        }
        for (int i = 0; i < readers; i++) {
            var random = new Random(1000 + i);
            running.add(clients.submit(() -> forEver(() -> read(random))));
        }
    }

    private interface Work {
        void run() throws Exception;
    }

    private void forEver(Work work) {
        while (!stopped) {
            try {
                work.run();
            } catch (IOException e) {
                putOff();
            } catch (Exception | AssertionError e) {
                wrong.add(e.toString());
                putOff();
            }
        }
    }

    private void putOff() {
        putOff.incrementAndGet();
        try {
            TimeUnit.MILLISECONDS.sleep(200);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Sizes are distributed evenly over their logarithm, so small and large ones are equally frequent. */
    private void push(Random random) throws IOException, InterruptedException {
        int seed = seeds.incrementAndGet();
        double octaves = Math.log((double) MAX_BYTES / LEAST_BYTES) * random.nextDouble();
        var nar = new SeededNar(seed, (long) (LEAST_BYTES * Math.exp(octaves)));
        var info = nar.narInfo("nar/made-" + seed + ".nar");
        taken(
                "/main/" + info.url(),
                () -> BodyPublishers.fromPublisher(BodyPublishers.ofInputStream(() -> open(nar)), nar.narSize()));
        if (taken("/main/" + info.path().hash() + ".narinfo", () -> BodyPublishers.ofString(info.text()))) {
            acknowledged.put(seed, info);
            pushes.incrementAndGet();
        }
    }

    private static InputStream open(SeededNar nar) {
        try {
            return nar.open();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Retries until success, or until the end of the test. */
    private boolean taken(String address, Callable<HttpRequest.BodyPublisher> body) {
        while (!stopped) {
            try {
                var request = front.authorized(address).PUT(body.call()).build();
                var answer = front.http.send(request, BodyHandlers.ofString());
                if (answer.statusCode() == 200 || answer.statusCode() == 201) {
                    return true;
                }
                check(address, answer);
            } catch (IOException e) {
                // connection broken
            } catch (Exception e) {
                wrong.add("PUT " + address + ": " + e);
            }
            putOff();
        }
        return false;
    }

    /** An unexpected response. */
    private <T> void check(String address, HttpResponse<T> answer) {
        boolean allowed = notNow.contains(answer.statusCode());
        boolean own = answer.headers().firstValue("X-Request-Id").isPresent();
        if (!allowed || (own && answer.headers().firstValue("Retry-After").isEmpty())) {
            wrong.add("%s %s: %d %s"
                    .formatted(
                            answer.request().method(),
                            address,
                            answer.statusCode(),
                            answer.headers().map()));
        }
    }

    private void read(Random random) throws IOException, InterruptedException {
        if (random.nextInt(3) == 0 || acknowledged.isEmpty()) {
            var address = addresses.get(random.nextInt(addresses.size()));
            var answer = get(address, BodyHandlers.ofByteArray());
            if (answer.statusCode() == 200) {
                reads.incrementAndGet();
            } else {
                check(address, answer);
                putOff();
            }
        } else if (random.nextInt(10) == 0) {
            absent(seeds.get() + 1000);
        } else {
            var all = new ArrayList<>(acknowledged.values());
            readBack(all.get(random.nextInt(all.size())));
        }
    }

    private void absent(int seed) throws IOException, InterruptedException {
        var address = "/main/" + new SeededNar(seed, 0).path().hash() + ".narinfo";
        var answer = get(address, BodyHandlers.discarding());
        if (answer.statusCode() == 404) {
            reads.incrementAndGet();
        } else {
            check(address, answer);
        }
    }

    private void readBack(NarInfo pushed) throws IOException, InterruptedException {
        var address = "/main/" + pushed.path().hash() + ".narinfo";
        var told = get(address, BodyHandlers.ofString());
        if (told.statusCode() != 200) {
            check(address, told);
            putOff();
            return;
        }
        reads.incrementAndGet();
        var served = NarInfo.parse(told.body());
        var answer = get("/main/" + served.url(), BodyHandlers.ofInputStream());
        try (var body = answer.body()) {
            if (answer.statusCode() != 200) {
                check(served.url(), answer);
                putOff();
            } else if (!hash(body).equals(pushed.narHash())) {
                wrong.add("other bytes at " + served.url());
            } else {
                reads.incrementAndGet();
            }
        }
    }

    private static NixHash hash(InputStream body) throws IOException {
        var digest = HashAlgorithm.SHA256.newDigest();
        try (var in = new DigestInputStream(Compression.decompress(body), digest)) {
            in.transferTo(OutputStream.nullOutputStream());
        }
        return NixHash.of(HashAlgorithm.SHA256, digest.digest());
    }

    private <T> HttpResponse<T> get(String address, HttpResponse.BodyHandler<T> body)
            throws IOException, InterruptedException {
        return front.http.send(front.request(address).build(), body);
    }

    public long pushes() {
        return pushes.get();
    }

    public long reads() {
        return reads.get();
    }

    /** Number of requests that were refused for now, or broken. */
    public long putOffs() {
        return putOff.get();
    }

    public List<String> wrong() {
        return wrong.stream().limit(MAX_REPORTED).toList();
    }

    public int wrongs() {
        return wrong.size();
    }

    /** When it returns, no client sends requests any more. */
    public void end() throws Exception {
        stopped = true;
        for (var one : running) {
            one.get(2, TimeUnit.MINUTES);
        }
        running.clear();
    }

    /**
     * Reads acknowledged pushes back.
     *
     * @return differences
     */
    public List<String> lost(Server server) throws Exception {
        var left = new ConcurrentLinkedQueue<>(acknowledged.values());
        var lost = new ConcurrentLinkedQueue<String>();
        ReplicaFixture.together(java.util.Collections.nCopies(CHECKERS, () -> {
            for (var info = left.poll(); info != null; info = left.poll()) {
                try {
                    assertEquals(info.narHash(), NarClient.download(server, NarClient.narInfo(server, info)));
                } catch (IOException | AssertionError e) {
                    lost.add(info.path() + ": " + e);
                }
            }
            return true;
        }));
        return List.copyOf(lost);
    }

    @Override
    public void close() {
        stopped = true;
        clients.shutdownNow();
    }
}
