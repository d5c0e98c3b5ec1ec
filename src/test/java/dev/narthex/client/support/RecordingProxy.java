package dev.narthex.client.support;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;

/** A proxy in front of a server that records the requests of real clients. GET and HEAD are passed on unchanged. */
public final class RecordingProxy implements AutoCloseable {
    private static final Set<String> HOP = Set.of("connection", "host", "content-length", "transfer-encoding");

    private final Server server;
    private final HttpServer proxy;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final List<Asked> asked = new CopyOnWriteArrayList<>();
    private final AtomicLong bytes = new AtomicLong();
    private final Optional<UnaryOperator<String>> pages;
    private final String accept;

    /**
     * A request and its response.
     *
     * @param range requested range; empty if there is none
     */
    public record Asked(String method, String path, String range, int status) {
        public boolean page() {
            return path.endsWith("/");
        }

        public boolean metadata() {
            return path.endsWith(".metadata");
        }

        public boolean file() {
            return !page() && !metadata();
        }
    }

    /** Passes everything on unchanged. */
    public RecordingProxy(Server server) throws IOException {
        this(server, "", Optional.empty());
    }

    /** @param accept replaces the Accept header of clients for pages */
    public static RecordingProxy accepting(String accept, Server server) throws IOException {
        return new RecordingProxy(server, accept, Optional.empty());
    }

    /** @param pages transforms pages of the server, which are requested as JSON */
    public static RecordingProxy changing(UnaryOperator<String> pages, Server server) throws IOException {
        return new RecordingProxy(server, "application/vnd.pypi.simple.v1+json", Optional.of(pages));
    }

    private RecordingProxy(Server server, String accept, Optional<UnaryOperator<String>> pages) throws IOException {
        this.server = server;
        this.accept = accept;
        this.pages = pages;
        proxy = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        proxy.setExecutor(threads);
        proxy.createContext("/", this::pass);
        proxy.start();
    }

    /** Returns the requests so far, in order. */
    public List<Asked> asked() {
        return List.copyOf(asked);
    }

    /** Returns the number of body bytes passed on so far. */
    public long bytes() {
        return bytes.get();
    }

    public void forget() {
        asked.clear();
        bytes.set(0);
    }

    public URI uri(String path) {
        return URI.create("http://127.0.0.1:" + proxy.getAddress().getPort() + path);
    }

    private void pass(HttpExchange exchange) throws IOException {
        try (exchange) {
            var answer = ask(exchange);
            answer.headers().map().forEach((name, values) -> {
                if (!HOP.contains(name.toLowerCase(Locale.ROOT))) {
                    exchange.getResponseHeaders().put(name, values);
                }
            });
            var body = body(exchange, answer);
            bytes.addAndGet(body.length);
            boolean head = exchange.getRequestMethod().equals("HEAD");
            if (head) {
                answer.headers()
                        .firstValue("Content-Length")
                        .ifPresent(length -> exchange.getResponseHeaders().set("Content-Length", length));
            }
            asked.add(new Asked(
                    exchange.getRequestMethod(),
                    exchange.getRequestURI().getPath(),
                    String.valueOf(exchange.getRequestHeaders()
                            .getOrDefault("Range", List.of(""))
                            .getFirst()),
                    answer.statusCode()));
            exchange.sendResponseHeaders(answer.statusCode(), head || body.length == 0 ? -1 : body.length);
            exchange.getResponseBody().write(body);
        }
    }

    private byte[] body(HttpExchange exchange, HttpResponse<byte[]> answer) {
        boolean page = exchange.getRequestURI().getPath().endsWith("/") && answer.statusCode() == 200;
        return pages.filter(p -> page)
                .map(p -> p.apply(new String(answer.body(), StandardCharsets.UTF_8))
                        .getBytes(StandardCharsets.UTF_8))
                .orElse(answer.body());
    }

    private HttpResponse<byte[]> ask(HttpExchange exchange) throws IOException {
        var request = HttpRequest.newBuilder(server.uri(exchange.getRequestURI().toString()))
                .method(exchange.getRequestMethod(), BodyPublishers.noBody());
        exchange.getRequestHeaders().forEach((name, values) -> {
            if (!HOP.contains(name.toLowerCase(Locale.ROOT))) {
                values.forEach(value -> request.header(name, value));
            }
        });
        if (exchange.getRequestURI().getPath().endsWith("/") && !accept.isEmpty()) {
            request.setHeader("Accept", accept);
        }
        pages.ifPresent(p -> request.setHeader("Accept-Encoding", "identity"));
        try {
            return http.send(request.build(), BodyHandlers.ofByteArray());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UncheckedIOException(new IOException(e));
        }
    }

    @Override
    public void close() {
        proxy.stop(0);
        threads.shutdownNow();
        http.close();
    }
}
