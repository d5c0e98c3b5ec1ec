package dev.narthex.client.support;

import dev.narthex.nix.NarInfo;
import dev.narthex.nix.NixHash;
import dev.narthex.nix.StorePath;
import dev.narthex.store.s3.S3Proxy;
import java.io.IOException;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A server that is killed, and its clients: what was acknowledged to them, and what they can read afterwards. */
public final class KilledServerFixture implements AutoCloseable {
    private static final int PUSHERS = 2;
    /** NARs of one client before a kill. */
    private static final int MAX_PUSHES = 6;

    private static final int LARGE = 9 << 20;
    private static final int LARGE_EVERY = 16;

    private final Path data;
    private final String bucket = S3Proxy.running().newBucket();
    private final Random random;
    private final Map<StorePath, NixHash> kept = new ConcurrentHashMap<>();
    private final Queue<String> lost = new ConcurrentLinkedQueue<>();
    private final AtomicInteger made = new AtomicInteger();
    private final AtomicInteger brokenOff = new AtomicInteger();
    private Optional<Server> running = Optional.empty();
    private volatile boolean killed;

    public KilledServerFixture(Random random) throws IOException {
        this.data = Server.freshFolder();
        this.random = random;
    }

    public Path data() {
        return data;
    }

    public String bucket() {
        return bucket;
    }

    /** @param target backend of new packs */
    private Map<String, String> settings(String target) {
        return Map.of(
                "narthex.store",
                target,
                "narthex.s3.bucket",
                bucket,
                "narthex.s3.endpoint",
                S3Proxy.running().endpoint().toString(),
                "narthex.s3.access-key",
                S3Proxy.ACCESS_KEY,
                "narthex.s3.secret-key",
                S3Proxy.SECRET_KEY);
    }

    /** Returns the data folder as commands expect it. */
    public Map<String, String> environment(String target) {
        return settings(target).entrySet().stream()
                .collect(Collectors.toMap(
                        entry -> entry.getKey().toUpperCase(Locale.ROOT).replaceAll("[.-]", "_"), Map.Entry::getValue));
    }

    public Server start(String target, String... more) throws IOException, InterruptedException {
        var options = settings(target).entrySet().stream().map(entry -> "-D" + entry.getKey() + "=" + entry.getValue());
        var server = Server.start(data, Stream.concat(options, Stream.of(more)).toArray(String[]::new));
        running = Optional.of(server);
        return server;
    }

    /**
     * Creates a new NAR: every third is stored in its row, a few have several parts of an upload, and every fifth shares its
     * first half with the largest one before it.
     */
    public SeededNar next() {
        int number = made.incrementAndGet();
        int bytes = number % LARGE_EVERY == 0 ? LARGE : number % 3 == 0 ? 5_000 : 40_000 * (1 + number % 50);
        int large = number / LARGE_EVERY * LARGE_EVERY;
        return new SeededNar(seed(number), bytes + number, seed(number % 5 == 0 && large > 0 ? large : number));
    }

    /** Creates a NAR of this size that shares half of this one. */
    public SeededNar like(SeededNar other, int bytes) {
        return new SeededNar(seed(made.incrementAndGet()), bytes, other.seed());
    }

    /** Generated paths start with their seed and are filled with zeros, so none may end with a zero byte. */
    private static int seed(int number) {
        return 10 * number + 1;
    }

    /** Pushes a NAR that must be kept. */
    public SeededNar push(Server server) throws Exception {
        var nar = next();
        push(server, nar);
        return nar;
    }

    public void push(Server server, SeededNar nar) throws Exception {
        NarClient.push(server, nar);
        kept.put(nar.path(), nar.hash());
    }

    /** Stops the server while it is used. */
    public interface Ending {
        void run() throws Exception;
    }

    /** Clients push and read while the server is killed. */
    public void killDuring(Server server, Ending act) throws Exception {
        killed = false;
        try (var users = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < PUSHERS; i++) {
                users.submit(() -> untilKilled(() -> pushSome(server)));
            }
            long seed = random.nextLong();
            users.submit(() -> untilKilled(() -> readOn(server, new Random(seed))));
            try {
                act.run();
            } finally {
                killed = true;
                server.kill();
            }
        }
    }

    /** Kills it after a random time up to this maximum. */
    public void await(int mostMillis) throws InterruptedException {
        TimeUnit.MILLISECONDS.sleep(random.nextInt(mostMillis));
    }

    private void untilKilled(Ending use) {
        try {
            use.run();
        } catch (Exception | AssertionError e) {
            if (!killed) {
                lost.add("before the server was killed: " + e);
            }
        }
    }

    private void pushSome(Server server) throws Exception {
        for (int i = 0; i < MAX_PUSHES; i++) {
            brokenOff.incrementAndGet();
            push(server);
            brokenOff.decrementAndGet();
        }
    }

    private void readOn(Server server, Random which) throws Exception {
        while (!killed) {
            var paths = List.copyOf(kept.keySet());
            if (!paths.isEmpty()) {
                read(server, paths.get(which.nextInt(paths.size())));
            }
        }
    }

    private void read(Server server, StorePath path) throws Exception {
        var answer = server.http.send(
                server.request("/main/" + path.hash() + ".narinfo").build(), BodyHandlers.ofString());
        if (answer.statusCode() != 200) {
            lost.add(path + ": " + answer.statusCode());
            return;
        }
        var hash = NarClient.download(server, NarInfo.parse(answer.body()));
        if (!hash.equals(kept.get(path))) {
            lost.add(path + " is another");
        }
    }

    public void readAll(Server server) throws Exception {
        for (var path : kept.keySet()) {
            try {
                read(server, path);
            } catch (IOException | AssertionError e) {
                lost.add(path + ": " + e);
            }
        }
    }

    public int acknowledged() {
        return kept.size();
    }

    public int brokenOff() {
        return brokenOff.get();
    }

    public List<String> lost() {
        return List.copyOf(lost);
    }

    @Override
    public void close() throws IOException {
        running.ifPresent(Server::close);
        DataFolders.delete(data);
    }
}
