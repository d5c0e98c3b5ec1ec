package dev.narthex.publish.registry;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.narthex.catalog.change.ChangeLog;
import dev.narthex.catalog.change.ChangeLogHead;
import dev.narthex.http.ContentResponse;
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
 * are stored here; the bodies are in {@link DocumentCache}.
 *
 * <p>Only responses that anyone may read are stored: of public caches, to requests without credentials, with a Vary header that
 * names no headers other than those in {@link ResponseKey}. If any cache row changes, since that cache may have become private, all
 * requests go to the resource methods again.
 */
@ApplicationScoped
class ResponseCache {
    private static final String NOTE_KEY = ResponseCache.class.getName();
    private static final String REGISTRY_PREFIX = "/registry/";
    private static final String NARINFO_SUFFIX = ".narinfo";
    private static final int MAX_RESPONSES = 8_000;
    private static final int MAX_DIRECT_BYTES = 32 << 20;
    private static final int MAX_DIRECT_BODY_BYTES = 1 << 20;
    private static final int MAX_KEY_LENGTH = 1024;
    /** Runs before authentication, which is at 200. Requests with credentials are never answered here. */
    private static final int PRIORITY = 250;

    private static final Set<String> SUPPORTED_VARY = Set.of("accept", "accept-encoding");
    /**
     * Headers of requests that are passed on. Requests with a body are too, because nothing would read it here. Optimized names
     * carry their hash codes, since they are looked up in every request.
     */
    private static final CharSequence[] BYPASS_HEADERS = Stream.of(
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
    private static final Set<String> OMITTED_FROM_304 = Set.of(
            "content-type",
            "content-length",
            "accept-ranges",
            "content-security-policy",
            "cross-origin-opener-policy",
            "referrer-policy");

    /** Id by which a request is found in the log; different in every response. */
    private static final String REQUEST_ID = "x-request-id";

    private static final Set<String> PER_RESPONSE_HEADERS =
            Set.of("connection", "keep-alive", "transfer-encoding", "date", REQUEST_ID);

    private final ChangeLog changes;
    private final CoalescedHeadLookup headLookup;
    private final DocumentCache documentCache;
    private final Cache<ResponseKey, CachedResponse> responses =
            Caffeine.newBuilder().maximumSize(MAX_RESPONSES).build();

    /** Direct-memory copies of bodies, which are written to the socket without copying; dropped with the document. */
    private final Cache<byte[], ByteBuffer> directCopies = Caffeine.newBuilder()
            .weakKeys()
            .maximumWeight(MAX_DIRECT_BYTES)
            .<byte[], ByteBuffer>weigher((body, copy) -> body.length)
            .build();

    ResponseCache(ChangeLog changes, DocumentCache documentCache) {
        this.changes = changes;
        this.headLookup = new CoalescedHeadLookup(changes::readHead);
        this.documentCache = documentCache;
    }

    private record ResponseKey(
            String uri, @Nullable String accept, @Nullable String acceptEncoding) {
        static ResponseKey of(HttpServerRequest request) {
            return new ResponseKey(
                    request.uri(),
                    request.getHeader(HttpHeaders.ACCEPT),
                    request.getHeader(HttpHeaders.ACCEPT_ENCODING));
        }

        boolean isShort() {
            return uri.length() + length(accept) + length(acceptEncoding) <= MAX_KEY_LENGTH;
        }

        private static int length(@Nullable String header) {
            return header == null ? 0 : header.length();
        }
    }

    /** The document that a resource method sends as its response. */
    private record DocumentNote(ChangeLogHead head, DocumentCache.DocumentKey key, Document document) {}

    /**
     * A stored response.
     *
     * @param head head of the change log at which the cache was public
     * @param etag ETag of the response, in quotes; it no longer matches once the document changes
     * @param headers headers except those that differ in every response
     * @param of304 headers for a 304 response
     */
    private record CachedResponse(
            ChangeLogHead head,
            DocumentCache.DocumentKey key,
            String etag,
            boolean gzip,
            List<EncodedHeader> headers,
            List<EncodedHeader> of304) {
        boolean isCurrent(ChangeLogHead current, Document document) {
            return head.epoch().equals(current.epoch())
                    && head.caches() == current.caches()
                    && etag.equals(etagOf(document, gzip));
        }
    }

    /** Name and value in wire format, so that writing them is a copy. */
    private record EncodedHeader(CharSequence name, CharSequence value) {
        static EncodedHeader of(Map.Entry<String, String> header) {
            return new EncodedHeader(
                    HttpHeaders.createOptimized(header.getKey()), HttpHeaders.createOptimized(header.getValue()));
        }
    }

    /**
     * Notes that the current request is answered with this document of a public cache. Call it on the thread of the resource
     * method.
     */
    static void remember(ChangeLogHead head, DocumentCache.DocumentKey key, Document document) {
        Optional.ofNullable(CurrentRequestManager.get())
                .map(request -> request.unwrap(RoutingContext.class))
                .ifPresent(context -> context.put(NOTE_KEY, new DocumentNote(head, key, document)));
    }

    void install(@Observes Filters filters) {
        filters.register(this::handle, PRIORITY);
    }

    private void handle(RoutingContext context) {
        var request = context.request();
        if (request.method() != HttpMethod.GET || !isCacheable(request.uri()) || mustBypass(request.headers())) {
            context.next();
            return;
        }
        var responseKey = ResponseKey.of(request);
        var cached = responses.getIfPresent(responseKey);
        if (cached == null || revalidatesCompressed(responseKey, request)) {
            storeWhenSent(context, responseKey);
            return;
        }
        var recentHead = changes.recentHead();
        if (recentHead.isPresent()) {
            if (!trySend(context, cached, recentHead)) {
                storeWhenSent(context, responseKey);
            }
            return;
        }
        var callerContext = context.vertx().getOrCreateContext();
        headLookup.requestHead(callerContext, head -> {
            try {
                if (!trySend(context, cached, head)) {
                    callerContext.runOnContext(ignored -> storeWhenSent(context, responseKey));
                }
            } catch (RuntimeException e) {
                context.fail(e);
            }
        });
    }

    private static boolean isCacheable(String uri) {
        return uri.startsWith(REGISTRY_PREFIX) || uri.endsWith(NARINFO_SUFFIX);
    }

    private boolean trySend(RoutingContext context, CachedResponse cached, Optional<ChangeLogHead> head) {
        var document = head.flatMap(currentHead -> documentCache.findCurrent(currentHead, cached.key()));
        boolean current = document.isPresent() && cached.isCurrent(head.get(), document.get());
        if (current) {
            send(context, cached, document.get());
        }
        return current;
    }

    /**
     * Returns whether a client without Accept-Encoding revalidates a compressed response. The stored response is uncompressed, so
     * its ETag does not match.
     */
    private static boolean revalidatesCompressed(ResponseKey responseKey, HttpServerRequest request) {
        if (responseKey.acceptEncoding() != null) {
            return false;
        }
        var ifNoneMatch = request.getHeader("If-None-Match");
        return ifNoneMatch != null && ifNoneMatch.contains("-gzip");
    }

    private static boolean mustBypass(MultiMap headers) {
        for (var name : BYPASS_HEADERS) {
            if (headers.contains(name)) {
                return true;
            }
        }
        return false;
    }

    private void storeWhenSent(RoutingContext context, ResponseKey responseKey) {
        if (responseKey.isShort()) {
            context.addHeadersEndHandler(ignored -> {
                if (context.get(NOTE_KEY) instanceof DocumentNote note) {
                    toCachedResponse(context, note).ifPresent(cached -> responses.put(responseKey, cached));
                }
            });
        }
        context.next();
    }

    /** Returns the response to store, if it is the noted document unchanged and may be sent to anyone with the same request. */
    private static Optional<CachedResponse> toCachedResponse(RoutingContext context, DocumentNote note) {
        var headers = context.response().headers();
        boolean gzip = "gzip".equals(headers.get("Content-Encoding"));
        var etag = etagOf(note.document(), gzip);
        boolean isUnchanged = context.response().getStatusCode() == 200
                && etag.equals(headers.get("ETag"))
                && body(note.document(), gzip).isPresent()
                && !headers.contains("Set-Cookie")
                && hasSupportedVary(headers.getAll("Vary"));
        if (!isUnchanged) {
            return Optional.empty();
        }
        var storedHeaders = without(
                PER_RESPONSE_HEADERS,
                headers.entries().stream().map(EncodedHeader::of).toList());
        return Optional.of(new CachedResponse(
                note.head(), note.key(), etag, gzip, storedHeaders, without(OMITTED_FROM_304, storedHeaders)));
    }

    private static List<EncodedHeader> without(Set<String> names, List<EncodedHeader> headers) {
        return headers.stream()
                .filter(header -> !names.contains(header.name().toString().toLowerCase(Locale.ROOT)))
                .toList();
    }

    private static boolean hasSupportedVary(List<String> vary) {
        return vary.stream()
                .flatMap(line -> Arrays.stream(line.split(",", -1)))
                .allMatch(name -> SUPPORTED_VARY.contains(name.strip().toLowerCase(Locale.ROOT)));
    }

    private static String etagOf(Document document, boolean gzip) {
        return "\"" + document.etag() + (gzip ? "-gzip\"" : "\"");
    }

    private static Optional<byte[]> body(Document document, boolean gzip) {
        return gzip ? document.gzip() : document.plain();
    }

    private void send(RoutingContext context, CachedResponse cached, Document document) {
        var response = context.response();
        if (ContentResponse.etagMatches(context.request().getHeader(HttpHeaders.IF_NONE_MATCH), cached.etag())) {
            setHeaders(cached.of304(), response.headers());
            response.setStatusCode(304).end();
        } else {
            setHeaders(cached.headers(), response.headers());
            response.end(Buffer.buffer(toBuffer(body(document, cached.gzip()).orElseThrow())));
        }
    }

    private ByteBuf toBuffer(byte[] body) {
        return body.length > MAX_DIRECT_BODY_BYTES
                ? Unpooled.wrappedBuffer(body)
                : Unpooled.wrappedBuffer(directCopies
                        .get(body, ResponseCache::copyToDirectMemory)
                        .duplicate());
    }

    private static ByteBuffer copyToDirectMemory(byte[] body) {
        return ByteBuffer.allocateDirect(body.length).put(body).flip();
    }

    private static void setHeaders(List<EncodedHeader> stored, MultiMap headers) {
        var id = headers.get(REQUEST_ID);
        headers.clear();
        stored.forEach(header -> headers.add(header.name(), header.value()));
        if (id != null) {
            headers.set(REQUEST_ID, id);
        }
    }
}
