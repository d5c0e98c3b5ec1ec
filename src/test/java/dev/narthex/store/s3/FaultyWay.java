package dev.narthex.store.s3;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.RequestOptions;
import java.net.URI;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A proxy in front of an S3 server on which every fifth request fails: it is refused with 500 or 503, executed without a
 * response, answered partially, or slow. A seed selects the faults.
 */
public final class FaultyWay implements AutoCloseable {
    private final Vertx vertx = Vertx.vertx();
    private final HttpServer server;
    private final HttpClient client = vertx.createHttpClient();
    private final URI target;
    private final Random random;
    private final AtomicInteger requests = new AtomicInteger();
    private final AtomicInteger faults = new AtomicInteger();
    private final AtomicLong bodyBytes = new AtomicLong();
    private volatile boolean faulty = true;

    public FaultyWay(URI target, long seed) throws Exception {
        this.target = target;
        this.random = new Random(seed);
        this.server = vertx.createHttpServer()
                .requestHandler(this::handle)
                .listen(0, "127.0.0.1")
                .toCompletionStage()
                .toCompletableFuture()
                .get(10, TimeUnit.SECONDS);
    }

    public URI address() {
        return URI.create("http://127.0.0.1:" + server.actualPort());
    }

    public int requests() {
        return requests.get();
    }

    public int faults() {
        return faults.get();
    }

    /** Returns the number of body bytes sent to the client. */
    long bodyBytes() {
        return bodyBytes.get();
    }

    public void stopFaults() {
        faulty = false;
    }

    private enum Outcome {
        NORMAL,
        ERROR,
        BUSY,
        NO_RESPONSE,
        PARTIAL,
        SLOW
    }

    private static final List<Outcome> FAULTS =
            List.of(Outcome.ERROR, Outcome.BUSY, Outcome.NO_RESPONSE, Outcome.PARTIAL, Outcome.SLOW);

    private Outcome nextOutcome() {
        requests.incrementAndGet();
        int chance = random.nextInt(5 * FAULTS.size());
        if (!faulty || chance >= FAULTS.size()) {
            return Outcome.NORMAL;
        }
        faults.incrementAndGet();
        return FAULTS.get(chance);
    }

    private void handle(HttpServerRequest request) {
        var outcome = nextOutcome();
        request.body().onSuccess(body -> {
            switch (outcome) {
                case ERROR -> request.response().setStatusCode(500).end();
                case BUSY -> request.response().setStatusCode(503).end();
                case SLOW -> vertx.setTimer(300, timerId -> forward(request, body, outcome));
                case NORMAL, NO_RESPONSE, PARTIAL -> forward(request, body, outcome);
            }
        });
        if ("100-continue".equalsIgnoreCase(request.getHeader("Expect"))) {
            request.response().writeContinue();
        }
    }

    private void forward(HttpServerRequest request, Buffer body, Outcome outcome) {
        var options = new RequestOptions()
                .setMethod(request.method())
                .setHost(target.getHost())
                .setPort(target.getPort())
                .setURI(request.uri());
        client.request(options)
                .compose(targetRequest -> {
                    // the signature covers the host name that the client uses
                    request.headers()
                            .forEach(header -> targetRequest.headers().add(header.getKey(), header.getValue()));
                    targetRequest.headers().remove("Expect");
                    return targetRequest.send(body);
                })
                .onSuccess(targetResponse -> respond(request, targetResponse, outcome))
                .onFailure(e -> request.connection().close());
    }

    private void respond(HttpServerRequest request, HttpClientResponse targetResponse, Outcome outcome) {
        if (outcome == Outcome.NO_RESPONSE) {
            request.connection().close();
            return;
        }
        var response = request.response().setStatusCode(targetResponse.statusCode());
        targetResponse.headers().forEach(header -> response.headers().add(header.getKey(), header.getValue()));
        if (outcome == Outcome.PARTIAL) {
            targetResponse
                    .body()
                    .onSuccess(body -> response.write(body.slice(0, body.length() / 2))
                            .onComplete(done -> request.connection().close()));
            return;
        }
        targetResponse.handler(chunk -> {
            bodyBytes.addAndGet(chunk.length());
            response.write(chunk);
            if (response.writeQueueFull()) {
                targetResponse.pause();
                response.drainHandler(drained -> targetResponse.resume());
            }
        });
        response.closeHandler(closed -> targetResponse.request().connection().close());
        targetResponse.endHandler(ended -> response.end());
    }

    @Override
    public void close() throws Exception {
        vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
    }
}
