package dev.narthex.substituter;

import dev.narthex.access.Access;
import dev.narthex.access.Action;
import dev.narthex.catalog.DownloadCounts;
import dev.narthex.content.Client;
import dev.narthex.content.Sending;
import dev.narthex.content.Taken;
import dev.narthex.limits.CpuPermits;
import dev.narthex.nix.Compression;
import dev.narthex.nix.Compression.Kind;
import dev.narthex.problem.Problem;
import dev.narthex.publish.NarIntake;
import dev.narthex.publish.UploadLimits;
import dev.narthex.spi.Cache;
import dev.narthex.store.Nar;
import dev.narthex.store.Nars;
import dev.narthex.store.StoreConfig;
import dev.narthex.store.Uploads;
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
    private static final String FOR_EVER = "max-age=31536000, immutable";
    private static final String FOR_NOW = "no-cache";
    /** Lifetime of a presigned URL to the backend. Anyone who has the URL can read the NAR during that time. */
    private static final Duration ADDRESS = Duration.ofHours(1);

    private static final String SHORTER_THAN_ADDRESS = "private, max-age=600";

    private static final Duration LONGEST_WAIT = Duration.ofSeconds(30);
    private static final String FOR_ITS_SENDER =
            "Only callers who may push get a NAR in the form in which it was sent. The narinfo of its path names the form for"
                    + " everybody; nix reads it again with --refresh.";

    private static final int MAX_RECOMPRESSING = 2;
    private static final Semaphore RECOMPRESSING = new Semaphore(MAX_RECOMPRESSING);
    private static final int RETRY_SECONDS = 10;

    private final Access access;
    private final Nars nars;
    private final Uploads uploads;
    private final DownloadCounts counts;
    private final NarIntake intake;
    private final UploadLimits uploading;
    private final StoreConfig limits;
    private final CpuPermits permits;

    NarEndpoint(
            Access access,
            Nars nars,
            Uploads uploads,
            DownloadCounts counts,
            NarIntake intake,
            UploadLimits uploading,
            StoreConfig limits,
            CpuPermits permits) {
        this.access = access;
        this.nars = nars;
        this.uploads = uploads;
        this.counts = counts;
        this.intake = intake;
        this.uploading = uploading;
        this.limits = limits;
        this.permits = permits;
    }

    @GET
    @Path("{file:" + Forms.FILE + "}")
    public RestResponse<Object> get(
            @RestPath String cache, @RestPath String file, @Context HttpHeaders headers, @Context Request request)
            throws IOException {
        var found = access.require(Action.PULL, cache);
        var url = NarUrl.parse(file);
        var asked = new Asked(request.getMethod(), file, headers);
        return url.isPresent() ? served(found, url.get(), asked) : uploaded(found, asked);
    }

    private record Asked(String method, String file, HttpHeaders headers) {
        /** A presigned URL is valid for GET only. */
        boolean reads() {
            return method.equals("GET");
        }

        /** Returns whether this is the start of a download, rather than its continuation. */
        boolean begins() {
            var range = headers.getHeaderString("Range");
            return range == null || range.startsWith("bytes=0-");
        }
    }

    private RestResponse<Object> served(Cache cache, NarUrl url, Asked asked) throws IOException {
        var nar = nars.held(cache.domainId(), url.narHash(), cache.id()).orElseThrow(() -> absent(asked.file()));
        var elsewhere = url.compressed() && asked.reads() ? nars.address(nar, ADDRESS) : Optional.<URI>empty();
        if (elsewhere.isPresent()) {
            if (asked.begins()) {
                counts.nar(cache.id(), nar.id());
            }
            return ResponseBuilder.<Object>create(RestResponse.Status.TEMPORARY_REDIRECT)
                    .location(elsewhere.get())
                    .header("Cache-Control", SHORTER_THAN_ADDRESS)
                    .build();
        }
        var caching = url.names(nar.encoding()) ? FOR_EVER : FOR_NOW;
        var answer = send(nar, url.compressed(), Forms.caching(cache, caching), asked.headers());
        Taken.then(answer, () -> counts.nar(cache.id(), nar.id()));
        return answer;
    }

    /** Serves a NAR under the file name of its upload; nix checks it before it uploads the same NAR again. */
    private RestResponse<Object> uploaded(Cache cache, Asked asked) throws IOException {
        var file = asked.file();
        var nar = uploads.narOf(cache.id(), file).flatMap(nars::find).orElseThrow(() -> absent(file));
        var caching = Forms.caching(cache, FOR_NOW);
        return switch (file.substring(file.lastIndexOf('.') + 1)) {
            case "xz" -> inXz(nar, caching);
            case "bz2" -> recompressed(cache, nar, Kind.BZIP2, asked);
            case "lz4" -> recompressed(cache, nar, Kind.LZ4, asked);
            case "br" -> recompressed(cache, nar, Kind.BR, asked);
            case "nar" -> send(nar, false, caching, asked.headers());
            case String zstd -> send(nar, true, caching, asked.headers());
        };
    }

    /**
     * Serves a NAR as xz. After a push, nix relies for days on the narinfo that it sent, even if it later reads with other
     * credentials, and xz is its default compression. Blocks of xz may be uncompressed, so this costs no more than sending the NAR
     * itself.
     */
    private RestResponse<Object> inXz(Nar nar, Map<String, String> caching) throws IOException {
        var content = nars.nar(nar);
        return encoded(caching, out -> {
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
    private RestResponse<Object> recompressed(Cache cache, Nar nar, Kind kind, Asked asked) throws IOException {
        var file = asked.file();
        if (!access.may(Action.PUSH, cache)) {
            throw new Problem.NotFound("NAR", file, FOR_ITS_SENDER).asException();
        }
        var content = nars.nar(nar);
        if (asked.reads() && !RECOMPRESSING.tryAcquire()) {
            throw new Problem.Unavailable(
                            "Other NARs are being compressed. Fetch " + file + " again later.", RETRY_SECONDS)
                    .asException();
        }
        if (asked.reads()) {
            Client.whenAnswered(RECOMPRESSING::release);
        }
        var caller = Client.address();
        return encoded(Forms.caching(cache, FOR_NOW), out -> {
            try (var _ = permits.acquireWithin(caller, LONGEST_WAIT);
                    var in = content.open();
                    var compressor = Compression.compress(out, kind)) {
                in.transferTo(compressor);
            }
        });
    }

    /** A NAR whose length is known only once it is encoded. */
    private static RestResponse<Object> encoded(Map<String, String> caching, Sending.Writer writer) {
        var answer = ResponseBuilder.<Object>ok(Sending.paced(writer)).header("Content-Type", Forms.NAR_TYPE);
        caching.forEach(answer::header);
        return answer.build();
    }

    private RestResponse<Object> send(Nar nar, boolean compressed, Map<String, String> caching, HttpHeaders headers)
            throws IOException {
        return compressed
                ? Sending.content(nars.file(nar), nar.encoding().toString(), "application/zstd", caching, headers)
                : Sending.content(nars.nar(nar), nar.narHash().nix32(), Forms.NAR_TYPE, caching, headers);
    }

    private static RuntimeException absent(String file) {
        return new Problem.NotFound("NAR", file).asException();
    }

    @PUT
    @Path("{file:" + Forms.FILE + "}")
    @Consumes("*/*")
    public RestResponse<Void> put(
            @RestPath String cache, @RestPath String file, @Context HttpHeaders headers, InputStream body)
            throws IOException {
        var found = access.require(Action.PUSH, cache);
        Bodies.check(headers, limits.maxSize().asLongValue(), "NAR");
        if (NarUrl.parse(file).isPresent()) {
            throw new Problem.Malformed(
                            "file name", file, "this is a name that the server gives; send under another one.")
                    .asException();
        }
        var counted = uploading.admit(found, UploadLimits.leastNarSize(Bodies.length(headers)), body);
        intake.take(found, file, counted);
        return RestResponse.status(RestResponse.Status.CREATED);
    }
}
