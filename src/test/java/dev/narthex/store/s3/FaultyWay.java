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
 * A way to a server of S3 on which every fifth request meets a fault: refused with 500 or 503, carried out without an answer,
 * answered by half, or slow. Which ones, a seed decides.
 */
public final class FaultyWay implements AutoCloseable {
    private final Vertx vertx = Vertx.vertx();
    private final HttpServer server;
    private final HttpClient client = vertx.createHttpClient();
    private final URI target;
    private final Random random;
    private final AtomicInteger requests = new AtomicInteger();
    private final AtomicInteger faults = new AtomicInteger();
    private final AtomicLong answered = new AtomicLong();
    private volatile boolean faulty = true;

    public FaultyWay(URI target, long seed) throws Exception {
        this.target = target;
        this.random = new Random(seed);
        this.server = vertx.createHttpServer()
                .requestHandler(this::meet)
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

    /** Bytes of bodies that came back, as far as they were taken. */
    long answered() {
        return answered.get();
    }

    public void mend() {
        faulty = false;
    }

    private enum Fate {
        WELL,
        FAULT,
        BUSY,
        UNANSWERED,
        HALF,
        SLOW
    }

    private static final List<Fate> FAULTS = List.of(Fate.FAULT, Fate.BUSY, Fate.UNANSWERED, Fate.HALF, Fate.SLOW);

    private Fate fate() {
        requests.incrementAndGet();
        int chance = random.nextInt(5 * FAULTS.size());
        if (!faulty || chance >= FAULTS.size()) {
            return Fate.WELL;
        }
        faults.incrementAndGet();
        return FAULTS.get(chance);
    }

    private void meet(HttpServerRequest request) {
        var fate = fate();
        request.body().onSuccess(body -> {
            switch (fate) {
                case FAULT -> request.response().setStatusCode(500).end();
                case BUSY -> request.response().setStatusCode(503).end();
                case SLOW -> vertx.setTimer(300, late -> pass(request, body, fate));
                case WELL, UNANSWERED, HALF -> pass(request, body, fate);
            }
        });
        if ("100-continue".equalsIgnoreCase(request.getHeader("Expect"))) {
            request.response().writeContinue();
        }
    }

    private void pass(HttpServerRequest request, Buffer body, Fate fate) {
        var options = new RequestOptions()
                .setMethod(request.method())
                .setHost(target.getHost())
                .setPort(target.getPort())
                .setURI(request.uri());
        client.request(options)
                .compose(on -> {
                    // the signature covers the name under which the client knows the server
                    request.headers().forEach(header -> on.headers().add(header.getKey(), header.getValue()));
                    on.headers().remove("Expect");
                    return on.send(body);
                })
                .onSuccess(answer -> answer(request, answer, fate))
                .onFailure(e -> request.connection().close());
    }

    private void answer(HttpServerRequest request, HttpClientResponse answer, Fate fate) {
        if (fate == Fate.UNANSWERED) {
            request.connection().close();
            return;
        }
        var response = request.response().setStatusCode(answer.statusCode());
        answer.headers().forEach(header -> response.headers().add(header.getKey(), header.getValue()));
        if (fate == Fate.HALF) {
            answer.body()
                    .onSuccess(body -> response.write(body.slice(0, body.length() / 2))
                            .onComplete(written -> request.connection().close()));
            return;
        }
        answer.handler(piece -> {
            answered.addAndGet(piece.length());
            response.write(piece);
            if (response.writeQueueFull()) {
                answer.pause();
                response.drainHandler(room -> answer.resume());
            }
        });
        response.closeHandler(left -> answer.request().connection().close());
        answer.endHandler(end -> response.end());
    }

    @Override
    public void close() throws Exception {
        vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
    }
}
