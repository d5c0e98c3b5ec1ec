package dev.narthex.substituter;

import dev.narthex.access.Access;
import dev.narthex.access.Action;
import dev.narthex.catalog.cache.CacheKeyring;
import dev.narthex.catalog.path.PathInfo;
import dev.narthex.catalog.path.Paths;
import dev.narthex.http.Content;
import dev.narthex.http.ContentResponse;
import dev.narthex.http.RequestBodies;
import dev.narthex.nix.NarInfo;
import dev.narthex.nix.Signature;
import dev.narthex.nix.StorePath;
import dev.narthex.problem.Problem;
import dev.narthex.publish.PathPublisher;
import dev.narthex.publish.PathPublisher.ReferencePolicy;
import dev.narthex.publish.registry.PathDocuments;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.OptionalLong;
import org.jboss.resteasy.reactive.RestPath;
import org.jboss.resteasy.reactive.RestResponse;

/** Serves and receives narinfos: the metadata of a store path, the URL of its NAR, and its signatures. */
@Path("/{cache}")
@RunOnVirtualThread
class NarInfoEndpoint {
    private static final int MAX_BODY_BYTES = 1 << 20;
    /** Nix caches narinfos for days; the short max-age is for proxies, because signatures may be added later. */
    private static final String CACHE_CONTROL = "max-age=60";

    private final Access access;
    private final Paths paths;
    private final PathDocuments documents;
    private final CacheKeyring keys;
    private final PathPublisher publisher;

    NarInfoEndpoint(Access access, Paths paths, PathDocuments documents, CacheKeyring keys, PathPublisher publisher) {
        this.access = access;
        this.paths = paths;
        this.documents = documents;
        this.keys = keys;
        this.publisher = publisher;
    }

    @GET
    @Path("{hash:" + ProtocolPatterns.HASH + "}.narinfo")
    public RestResponse<Object> get(@RestPath String cache, @RestPath String hash, @Context HttpHeaders headers) {
        var authorizedCache = access.require(Action.PULL, cache);
        var info = documents.narInfo(authorizedCache, hash, () -> {
            var path = paths.find(authorizedCache.id(), hash).orElseThrow(() -> Problem.notFound("store path", hash));
            return toNarInfo(path).text().getBytes(StandardCharsets.UTF_8);
        });
        return ContentResponse.of(
                Content.of(info.bytes()),
                info.etag(),
                ProtocolPatterns.NARINFO_TYPE,
                ProtocolPatterns.cacheControl(authorizedCache, CACHE_CONTROL),
                headers);
    }

    @PUT
    @Path("{hash:" + ProtocolPatterns.HASH + "}.narinfo")
    @Consumes("*/*")
    public RestResponse<Void> put(
            @RestPath String cache, @RestPath String hash, @Context HttpHeaders headers, InputStream body)
            throws IOException {
        var authorizedCache = access.require(Action.PUSH, cache);
        var info = NarInfo.parse(readText(headers, body));
        if (!info.path().hash().equals(hash)) {
            throw Problem.mismatch(
                    "StorePath", "The narinfo was sent to " + hash + ".narinfo, but is of " + info.path() + ".");
        }
        boolean isNew = publisher.publish(authorizedCache, info, access.principal(), ReferencePolicy.REQUIRE_PRESENT);
        return RestResponse.status(isNew ? RestResponse.Status.CREATED : RestResponse.Status.OK);
    }

    private static String readText(HttpHeaders headers, InputStream body) throws IOException {
        try (var decoded = RequestBodies.decode(headers, body, MAX_BODY_BYTES, "narinfo")) {
            return new String(RequestBodies.read(decoded, MAX_BODY_BYTES, "narinfo"), StandardCharsets.UTF_8);
        }
    }

    private NarInfo toNarInfo(PathInfo path) {
        var fingerprint = NarInfo.fingerprint(path.path(), path.narHash(), path.narSize(), path.references());
        var sigs = new LinkedHashSet<Signature>(keys.sign(path.cacheId(), fingerprint));
        sigs.addAll(path.sigs());
        return new NarInfo(
                path.path(),
                NarUrl.of(path.narHash(), path.encoding()).toString(),
                "zstd",
                path.fileHash(),
                OptionalLong.of(path.fileSize()),
                path.narHash(),
                path.narSize(),
                path.references(),
                path.deriver().map(StorePath::baseName),
                List.copyOf(sigs),
                path.ca());
    }
}
