package dev.narthex.search.support;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/** Concurrent clients, each with its own connection, that send the next query as soon as they get a response. */
public final class LoadGenerator {
    private LoadGenerator() {}

    /**
     * Response times.
     *
     * @param nanos in ascending order
     * @param took total duration
     * @param cpu CPU time of this process, with clients and server, because the machine may have been busy
     */
    public record Times(long[] nanos, Duration took, Duration cpu) {
        double cpuMillis() {
            return cpu.toNanos() / 1e6 / nanos.length;
        }

        public double millisAt(int hundredths) {
            return nanos[(int) ((nanos.length - 1) * (hundredths / 100.0))] / 1e6;
        }

        double perSecond() {
            return nanos.length / (took.toNanos() / 1e9);
        }
    }

    /** @throws AssertionError if a status is not 200 */
    public static Times run(int connections, URI page, List<String> texts) throws InterruptedException {
        var next = new AtomicInteger();
        long begun = System.nanoTime();
        long worked = worked();
        try (var threads = Executors.newFixedThreadPool(connections)) {
            var parts = new ArrayList<Future<List<Long>>>();
            for (int i = 0; i < connections; i++) {
                parts.add(threads.submit(() -> ask(page, texts, next)));
            }
            var nanos = parts.stream()
                    .flatMap(LoadGenerator::results)
                    .mapToLong(Long::longValue)
                    .sorted()
                    .toArray();
            return new Times(nanos, Duration.ofNanos(System.nanoTime() - begun), Duration.ofNanos(worked() - worked));
        }
    }

    private static long worked() {
        return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime();
    }

    private static Stream<Long> results(Future<List<Long>> part) {
        try {
            return part.get().stream();
        } catch (ExecutionException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static List<Long> ask(URI page, List<String> texts, AtomicInteger next) throws IOException {
        var nanos = new ArrayList<Long>();
        for (int i = next.getAndIncrement(); i < texts.size(); i = next.getAndIncrement()) {
            long begun = System.nanoTime();
            get(page, texts.get(i));
            nanos.add(System.nanoTime() - begun);
        }
        return nanos;
    }

    /** Java's oldest client uses the least CPU time. */
    public static byte[] get(URI page, String text) throws IOException {
        var url = URI.create(page + "?q=" + URLEncoder.encode(text, StandardCharsets.UTF_8))
                .toURL();
        var asking = (HttpURLConnection) url.openConnection();
        asking.setRequestProperty("Accept", "text/html");
        try (InputStream answer = asking.getInputStream()) {
            if (asking.getResponseCode() != 200) {
                answer.transferTo(OutputStream.nullOutputStream());
                throw new AssertionError(asking.getResponseCode() + " for " + url);
            }
            return answer.readAllBytes();
        }
    }

    public static String shown(Times times) {
        return "median %.1f, p95 %.1f, longest %.1f ms, %.0f a second, %.2f ms of one core each"
                .formatted(
                        times.millisAt(50),
                        times.millisAt(95),
                        times.millisAt(100),
                        times.perSecond(),
                        times.cpuMillis());
    }
}
