package dev.narthex.substituter;

import dev.narthex.access.Access;
import dev.narthex.access.Action;
import dev.narthex.catalog.download.DownloadCounter;
import dev.narthex.http.ContentResponse;
import dev.narthex.http.CurrentRequest;
import dev.narthex.http.DeliveryCheck;
import dev.narthex.http.RequestBodies;
import dev.narthex.limits.CpuPermits;
import dev.narthex.nix.Compression;
import dev.narthex.nix.Compression.CompressionFormat;
import dev.narthex.problem.Problem;
import dev.narthex.publish.NarUpload;
import dev.narthex.publish.registry.UploadLimits;
import dev.narthex.spi.Cache;
import dev.narthex.store.Nar;
import dev.narthex.store.NarStore;
import dev.narthex.store.PendingUploads;
import dev.narthex.store.pack.StoreConfig;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Request;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import org.jboss.resteasy.reactive.RestPath;
import org.jboss.resteasy.reactive.RestResponse;
import org.jboss.resteasy.reactive.RestResponse.ResponseBuilder;

/** Serves NARs in their stored form, and receives uploaded ones. */
@Path("/{cache}/nar")
@RunOnVirtualThread
class NarEndpoint {
    private static final String IMMUTABLE = "max-age=31536000, immutable";
    private static final String REVALIDATE = "no-cache";
    /** Lifetime of a presigned URL to the backend. Anyone who has the URL can read the NAR during that time. */
    private static final Duration PRESIGNED_URL_TTL = Duration.ofHours(1);

    private static final String REDIRECT_CACHE_CONTROL = "private, max-age=600";

    private static final Duration PERMIT_TIMEOUT = Duration.ofSeconds(30);
    private static final String PUSHERS_ONLY_DETAIL =
            "Only clients that may push can download a NAR in its uploaded compression. The narinfo of its path has the URL for"
                    + " all clients; nix reads it again with --refresh.";

    private static final int MAX_CONCURRENT_RECOMPRESSIONS = 2;
    private static final Semaphore RECOMPRESSION_PERMITS = new Semaphore(MAX_CONCURRENT_RECOMPRESSIONS);
    private static final int RETRY_AFTER_SECONDS = 10;

    private final Access access;
    private final NarStore nars;
    private final PendingUploads pendingUploads;
    private final DownloadCounter downloadCounter;
    private final NarUpload narUpload;
    private final UploadLimits uploadLimits;
    private final StoreConfig storeConfig;
    private final CpuPermits cpuPermits;

    NarEndpoint(
            Access access,
            NarStore nars,
            PendingUploads pendingUploads,
            DownloadCounter downloadCounter,
            NarUpload narUpload,
            UploadLimits uploadLimits,
            StoreConfig storeConfig,
            CpuPermits cpuPermits) {
        this.access = access;
        this.nars = nars;
        this.pendingUploads = pendingUploads;
        this.downloadCounter = downloadCounter;
        this.narUpload = narUpload;
        this.uploadLimits = uploadLimits;
        this.storeConfig = storeConfig;
        this.cpuPermits = cpuPermits;
    }

    @GET
    @Path("{file:" + ProtocolPatterns.NAR_FILE_NAME + "}")
    public RestResponse<Object> get(
            @RestPath String cache, @RestPath String file, @Context HttpHeaders headers, @Context Request request)
            throws IOException {
        var authorizedCache = access.require(Action.PULL, cache);
        var url = NarUrl.parse(file);
        var narRequest = new NarRequest(request.getMethod(), file, headers);
        return url.isPresent()
                ? serveStored(authorizedCache, url.get(), narRequest)
                : serveUploaded(authorizedCache, narRequest);
    }

    private record NarRequest(String method, String file, HttpHeaders headers) {
        /** A presigned URL is valid for GET only. */
        boolean isGet() {
            return method.equals("GET");
        }

        /** Returns whether this is the start of a download, rather than its continuation. */
        boolean isDownloadStart() {
            var range = headers.getHeaderString("Range");
            return range == null || range.startsWith("bytes=0-");
        }
    }

    private RestResponse<Object> serveStored(Cache cache, NarUrl url, NarRequest narRequest) throws IOException {
        var nar = nars.findInCache(cache.domainId(), url.narHash(), cache.id())
                .orElseThrow(() -> notFound(narRequest.file()));
        var presignedUrl = url.compressed() && narRequest.isGet()
                ? nars.redirectUrl(nar, PRESIGNED_URL_TTL)
                : Optional.<URI>empty();
        if (presignedUrl.isPresent()) {
            if (narRequest.isDownloadStart()) {
                downloadCounter.nar(cache.id(), nar.id());
            }
            return ResponseBuilder.<Object>create(RestResponse.Status.TEMPORARY_REDIRECT)
                    .location(presignedUrl.get())
                    .header("Cache-Control", REDIRECT_CACHE_CONTROL)
                    .build();
        }
        var cacheControl = url.hasEncoding(nar.encoding()) ? IMMUTABLE : REVALIDATE;
        var response =
                send(nar, url.compressed(), ProtocolPatterns.cacheControl(cache, cacheControl), narRequest.headers());
        DeliveryCheck.onDelivered(response, () -> downloadCounter.nar(cache.id(), nar.id()));
        return response;
    }

    /** Serves a NAR under the file name of its upload; nix checks it before it uploads the same NAR again. */
    private RestResponse<Object> serveUploaded(Cache cache, NarRequest narRequest) throws IOException {
        var file = narRequest.file();
        var nar = pendingUploads.findNarId(cache.id(), file).flatMap(nars::find).orElseThrow(() -> notFound(file));
        var cacheControl = ProtocolPatterns.cacheControl(cache, REVALIDATE);
        return switch (file.substring(file.lastIndexOf('.') + 1)) {
            case "xz" -> serveAsXz(nar, cacheControl);
            case "bz2" -> serveRecompressed(cache, nar, CompressionFormat.BZIP2, narRequest);
            case "lz4" -> serveRecompressed(cache, nar, CompressionFormat.LZ4, narRequest);
            case "br" -> serveRecompressed(cache, nar, CompressionFormat.BR, narRequest);
            case "nar" -> send(nar, false, cacheControl, narRequest.headers());
            case String zstd -> send(nar, true, cacheControl, narRequest.headers());
        };
    }

    /**
     * Serves a NAR as xz. After a push, nix relies for days on the narinfo that it sent, even if it later reads with other
     * credentials, and xz is its default compression. Blocks of xz may be uncompressed, so this costs no more than sending the NAR
     * itself.
     */
    private RestResponse<Object> serveAsXz(Nar nar, Map<String, String> cacheControl) throws IOException {
        var content = nars.uncompressedContent(nar);
        return streamEncoded(cacheControl, out -> {
            try (var in = content.open();
                    var xz = Compression.wrapInXz(out)) {
                in.transferTo(xz);
            }
        });
    }

    /**
     * Serves a NAR in the compression of its upload. It is compressed again for each request, so only clients that may push get it,
     * and only a few at a time.
     */
    private RestResponse<Object> serveRecompressed(Cache cache, Nar nar, CompressionFormat kind, NarRequest narRequest)
            throws IOException {
        var file = narRequest.file();
        if (!access.isAllowed(Action.PUSH, cache)) {
            throw Problem.notFound("NAR", file, PUSHERS_ONLY_DETAIL);
        }
        var content = nars.uncompressedContent(nar);
        if (narRequest.isGet() && !RECOMPRESSION_PERMITS.tryAcquire()) {
            throw Problem.unavailable(
                    "Other NARs are being compressed. Fetch " + file + " again later.", RETRY_AFTER_SECONDS);
        }
        if (narRequest.isGet()) {
            CurrentRequest.onResponseEnd(RECOMPRESSION_PERMITS::release);
        }
        var caller = CurrentRequest.clientAddress();
        return streamEncoded(ProtocolPatterns.cacheControl(cache, REVALIDATE), out -> {
            try (var _ = cpuPermits.acquireWithin(caller, PERMIT_TIMEOUT);
                    var in = content.open();
                    var compressor = Compression.compress(out, kind)) {
                in.transferTo(compressor);
            }
        });
    }

    /** A NAR whose length is known only once it is encoded. */
    private static RestResponse<Object> streamEncoded(Map<String, String> cacheControl, ContentResponse.Writer writer) {
        var response = ResponseBuilder.<Object>ok(ContentResponse.streaming(writer))
                .header("Content-Type", ProtocolPatterns.NAR_TYPE);
        cacheControl.forEach(response::header);
        return response.build();
    }

    private RestResponse<Object> send(
            Nar nar, boolean compressed, Map<String, String> cacheControl, HttpHeaders headers) throws IOException {
        return compressed
                ? ContentResponse.of(
                        nars.compressedContent(nar),
                        nar.encoding().toString(),
                        "application/zstd",
                        cacheControl,
                        headers)
                : ContentResponse.of(
                        nars.uncompressedContent(nar),
                        nar.narHash().nix32(),
                        ProtocolPatterns.NAR_TYPE,
                        cacheControl,
                        headers);
    }

    private static RuntimeException notFound(String file) {
        return Problem.notFound("NAR", file);
    }

    @PUT
    @Path("{file:" + ProtocolPatterns.NAR_FILE_NAME + "}")
    @Consumes("*/*")
    public RestResponse<Void> put(
            @RestPath String cache, @RestPath String file, @Context HttpHeaders headers, InputStream body)
            throws IOException {
        var authorizedCache = access.require(Action.PUSH, cache);
        RequestBodies.requireUnencoded(headers, storeConfig.maxSize().asLongValue(), "NAR");
        if (NarUrl.parse(file).isPresent()) {
            throw Problem.malformed("file name", file, "this name is reserved for the server; use another one.");
        }
        var countedBody = uploadLimits.admit(
                authorizedCache, UploadLimits.minNarSize(RequestBodies.contentLength(headers)), body);
        narUpload.receive(authorizedCache, file, countedBody);
        return RestResponse.status(RestResponse.Status.CREATED);
    }
}
