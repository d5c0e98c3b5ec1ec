package dev.narthex.publish;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.narthex.catalog.Changes;
import dev.narthex.catalog.Head;
import dev.narthex.content.Sending;
import dev.narthex.spi.Document;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jboss.resteasy.reactive.server.core.CurrentRequestManager;
import org.jspecify.annotations.Nullable;

/**
 * An HTTP cache (RFC 9111) of our own responses, in front of the resource methods. Repeated requests are answered on the event loop
 * while the document behind the response is current, at the cost of one shared look at the head of the change log. Only the headers
 * are stored here; the bodies are in {@link Documents}.
 *
 * <p>Only responses that anyone may read are stored: of public caches, to requests without credentials, with a Vary header that
 * names no headers other than those in {@link Question}. If any cache row changes, since that cache may have become private, all
 * requests go to the resource methods again.
 */
@ApplicationScoped
class SentAnswers {
    private static final String NOTE = SentAnswers.class.getName();
    private static final String FACES = "/registry/";
    private static final String OF_A_PATH = ".narinfo";
    private static final int MOST_ANSWERS = 8_000;
    private static final int MOST_OUTSIDE = 32 << 20;
    private static final int LONGEST_OUTSIDE = 1 << 20;
    private static final int LONGEST_QUESTION = 1024;
    /** Runs before authentication, which is at 200. Requests with credentials are never answered here. */
    private static final int PRIORITY = 250;

    private static final Set<String> VARYING = Set.of("accept", "accept-encoding");
    /**
     * Headers of requests that are passed on. Requests with a body are too, because nothing would read it here. Optimized names
     * carry their hash codes, since they are looked up in every request.
     */
    private static final CharSequence[] SPECIAL = Stream.of(
                    "Authorization",
                    "Range",
                    "If-Match",
                    "If-Unmodified-Since",
                    "Sec-Fetch-Mode",
                    "Expect",
                    "Content-Length",
                    "Transfer-Encoding")
            .map(HttpHeaders::createOptimized)
            .toArray(CharSequence[]::new);

    /** Headers that a 304 response omits. They include the security headers that resource methods set for browsers. */
    private static final Set<String> OF_THE_BODY = Set.of(
            "content-type",
            "content-length",
            "accept-ranges",
            "content-security-policy",
            "cross-origin-opener-policy",
            "referrer-policy");

    /** Id by which a request is found in the log; different in every response. */
    private static final String REQUEST_ID = "x-request-id";

    private static final Set<String> OF_THE_MOMENT =
            Set.of("connection", "keep-alive", "transfer-encoding", "date", REQUEST_ID);

    private final Changes changes;
    private final SharedLook looks;
    private final Documents documents;
    private final Cache<Question, Answer> answers =
            Caffeine.newBuilder().maximumSize(MOST_ANSWERS).build();

    /** Direct-memory copies of bodies, which are written to the socket without copying; dropped with the document. */
    private final Cache<byte[], ByteBuffer> outside = Caffeine.newBuilder()
            .weakKeys()
            .maximumWeight(MOST_OUTSIDE)
            .<byte[], ByteBuffer>weigher((body, copy) -> body.length)
            .build();

    SentAnswers(Changes changes, Documents documents) {
        this.changes = changes;
        this.looks = new SharedLook(changes::soon);
        this.documents = documents;
    }

    private record Question(
            String uri, @Nullable String accept, @Nullable String acceptEncoding) {
        static Question of(HttpServerRequest request) {
            return new Question(
                    request.uri(),
                    request.getHeader(HttpHeaders.ACCEPT),
                    request.getHeader(HttpHeaders.ACCEPT_ENCODING));
        }

        boolean isShort() {
            return uri.length() + length(accept) + length(acceptEncoding) <= LONGEST_QUESTION;
        }

        private static int length(@Nullable String header) {
            return header == null ? 0 : header.length();
        }
    }

    /** The document that a resource method sends as its response. */
    private record Note(Head head, Documents.Key key, Document document) {}

    /**
     * A stored response.
     *
     * @param head head of the change log at which the cache was public
     * @param etag ETag of the response, in quotes; it no longer matches once the document changes
     * @param headers headers except those that differ in every response
     * @param of304 headers for a 304 response
     */
    private record Answer(
            Head head, Documents.Key key, String etag, boolean gzip, List<Header> headers, List<Header> of304) {
        boolean stands(Head now, Document document) {
            return head.epoch().equals(now.epoch())
                    && head.caches() == now.caches()
                    && etag.equals(tag(document, gzip));
        }
    }

    /** Name and value in wire format, so that writing them is a copy. */
    private record Header(CharSequence name, CharSequence value) {
        static Header of(Map.Entry<String, String> header) {
            return new Header(
                    HttpHeaders.createOptimized(header.getKey()), HttpHeaders.createOptimized(header.getValue()));
        }
    }

    /**
     * Notes that the current request is answered with this document of a public cache. Call it on the thread of the resource
     * method.
     */
    static void note(Head head, Documents.Key key, Document document) {
        Optional.ofNullable(CurrentRequestManager.get())
                .map(request -> request.unwrap(RoutingContext.class))
                .ifPresent(context -> context.put(NOTE, new Note(head, key, document)));
    }

    void install(@Observes Filters filters) {
        filters.register(this::handle, PRIORITY);
    }

    private void handle(RoutingContext context) {
        var request = context.request();
        if (request.method() != HttpMethod.GET || !isKept(request.uri()) || isSpecial(request.headers())) {
            context.next();
            return;
        }
        var question = Question.of(request);
        var answer = answers.getIfPresent(question);
        if (answer == null || keptPacked(question, request)) {
            remember(context, question);
            return;
        }
        var lately = changes.lately();
        if (lately.isPresent()) {
            if (!sent(context, answer, lately)) {
                remember(context, question);
            }
            return;
        }
        var own = context.vertx().getOrCreateContext();
        looks.ask(own, head -> {
            try {
                if (!sent(context, answer, head)) {
                    own.runOnContext(now -> remember(context, question));
                }
            } catch (RuntimeException e) {
                context.fail(e);
            }
        });
    }

    private static boolean isKept(String uri) {
        return uri.startsWith(FACES) || uri.endsWith(OF_A_PATH);
    }

    private boolean sent(RoutingContext context, Answer answer, Optional<Head> head) {
        var document = head.flatMap(now -> documents.kept(now, answer.key()));
        boolean stands = document.isPresent() && answer.stands(head.get(), document.get());
        if (stands) {
            send(context, answer, document.get());
        }
        return stands;
    }

    /**
     * Returns whether a client without Accept-Encoding revalidates a compressed response. The stored response is uncompressed, so
     * its ETag does not match.
     */
    private static boolean keptPacked(Question question, HttpServerRequest request) {
        if (question.acceptEncoding() != null) {
            return false;
        }
        var kept = request.getHeader("If-None-Match");
        return kept != null && kept.contains("-gzip");
    }

    private static boolean isSpecial(MultiMap headers) {
        for (var name : SPECIAL) {
            if (headers.contains(name)) {
                return true;
            }
        }
        return false;
    }

    private void remember(RoutingContext context, Question question) {
        if (question.isShort()) {
            context.addHeadersEndHandler(sent -> {
                if (context.get(NOTE) instanceof Note note) {
                    answer(context, note).ifPresent(answer -> answers.put(question, answer));
                }
            });
        }
        context.next();
    }

    /** Returns the response to store, if it is the noted document unchanged and may be sent to anyone with the same request. */
    private static Optional<Answer> answer(RoutingContext context, Note note) {
        var headers = context.response().headers();
        boolean gzip = "gzip".equals(headers.get("Content-Encoding"));
        var etag = tag(note.document(), gzip);
        boolean same = context.response().getStatusCode() == 200
                && etag.equals(headers.get("ETag"))
                && body(note.document(), gzip).isPresent()
                && !headers.contains("Set-Cookie")
                && variesKnown(headers.getAll("Vary"));
        if (!same) {
            return Optional.empty();
        }
        var kept = without(
                OF_THE_MOMENT, headers.entries().stream().map(Header::of).toList());
        return Optional.of(new Answer(note.head(), note.key(), etag, gzip, kept, without(OF_THE_BODY, kept)));
    }

    private static List<Header> without(Set<String> names, List<Header> headers) {
        return headers.stream()
                .filter(header -> !names.contains(header.name().toString().toLowerCase(Locale.ROOT)))
                .toList();
    }

    private static boolean variesKnown(List<String> vary) {
        return vary.stream()
                .flatMap(line -> Arrays.stream(line.split(",", -1)))
                .allMatch(name -> VARYING.contains(name.strip().toLowerCase(Locale.ROOT)));
    }

    private static String tag(Document document, boolean gzip) {
        return "\"" + document.etag() + (gzip ? "-gzip\"" : "\"");
    }

    private static Optional<byte[]> body(Document document, boolean gzip) {
        return gzip ? document.gzip() : document.plain();
    }

    private void send(RoutingContext context, Answer answer, Document document) {
        var response = context.response();
        if (Sending.matches(context.request().getHeader(HttpHeaders.IF_NONE_MATCH), answer.etag())) {
            put(answer.of304(), response.headers());
            response.setStatusCode(304).end();
        } else {
            put(answer.headers(), response.headers());
            response.end(Buffer.buffer(written(body(document, answer.gzip()).orElseThrow())));
        }
    }

    private ByteBuf written(byte[] body) {
        return body.length > LONGEST_OUTSIDE
                ? Unpooled.wrappedBuffer(body)
                : Unpooled.wrappedBuffer(outside.get(body, SentAnswers::copy).duplicate());
    }

    private static ByteBuffer copy(byte[] body) {
        return ByteBuffer.allocateDirect(body.length).put(body).flip();
    }

    private static void put(List<Header> wanted, MultiMap headers) {
        var id = headers.get(REQUEST_ID);
        headers.clear();
        wanted.forEach(header -> headers.add(header.name(), header.value()));
        if (id != null) {
            headers.set(REQUEST_ID, id);
        }
    }
}
