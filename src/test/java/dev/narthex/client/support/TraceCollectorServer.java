package dev.narthex.client.support;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.trace.v1.Span;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Receives spans like a collector: OTLP over HTTP in protobuf. */
public final class TraceCollectorServer implements AutoCloseable {
    private final HttpServer http;
    private final List<ExportTraceServiceRequest> taken = new CopyOnWriteArrayList<>();

    public TraceCollectorServer() throws IOException {
        http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        http.createContext("/v1/traces", this::take);
        http.start();
    }

    private void take(HttpExchange exchange) throws IOException {
        try (exchange) {
            taken.add(ExportTraceServiceRequest.parseFrom(exchange.getRequestBody()));
            exchange.getResponseHeaders().add("Content-Type", "application/x-protobuf");
            exchange.sendResponseHeaders(200, -1);
        }
    }

    public String url() {
        return "http://127.0.0.1:" + http.getAddress().getPort();
    }

    public List<Span> spans() {
        return taken.stream()
                .flatMap(sent -> sent.getResourceSpansList().stream())
                .flatMap(resource -> resource.getScopeSpansList().stream())
                .flatMap(scope -> scope.getSpansList().stream())
                .toList();
    }

    public List<Span> spans(String trace) {
        return spans().stream()
                .filter(span -> hex(span.getTraceId().toByteArray()).equals(trace))
                .toList();
    }

    public static String hex(byte[] id) {
        return HexFormat.of().formatHex(id);
    }

    /** Everything received, to search for text that must not be in it. */
    public String text() {
        return taken.toString();
    }

    @Override
    public void close() {
        http.stop(0);
    }
}
