package dev.narthex.substituter;

import com.github.luben.zstd.ZstdInputStream;
import dev.narthex.access.Access;
import dev.narthex.access.Action;
import dev.narthex.catalog.path.BuildLogs;
import dev.narthex.http.ContentResponse;
import dev.narthex.http.RequestBodies;
import dev.narthex.nix.StorePath;
import dev.narthex.problem.Problem;
import dev.narthex.publish.BuildLogUpload;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import org.jboss.resteasy.reactive.RestPath;
import org.jboss.resteasy.reactive.RestResponse;
import org.jboss.resteasy.reactive.RestResponse.ResponseBuilder;

/** Receives build logs from {@code nix store copy-log} and serves them to {@code nix log}, by derivation. */
@Path("/{cache}/log")
@RunOnVirtualThread
class LogEndpoint {
    private final Access access;
    private final BuildLogs logs;
    private final BuildLogUpload logUpload;

    LogEndpoint(Access access, BuildLogs logs, BuildLogUpload logUpload) {
        this.access = access;
        this.logs = logs;
        this.logUpload = logUpload;
    }

    @GET
    @Path("{drv}")
    public RestResponse<Object> get(@RestPath String cache, @RestPath String drv) {
        var authorizedCache = access.require(Action.PULL, cache);
        var compressed = logs.find(authorizedCache.id(), drv).orElseThrow(() -> Problem.notFound("build log", drv));
        return ResponseBuilder.<Object>ok(ContentResponse.streaming(out -> {
                    try (var text = new ZstdInputStream(new ByteArrayInputStream(compressed))) {
                        text.transferTo(out);
                    }
                }))
                .header("Content-Type", ProtocolPatterns.LOG_TYPE)
                .header("X-Content-Type-Options", "nosniff")
                .build();
    }

    @PUT
    @Path("{drv}")
    @Consumes("*/*")
    public RestResponse<Void> put(
            @RestPath String cache, @RestPath String drv, @Context HttpHeaders headers, InputStream body)
            throws IOException {
        var authorizedCache = access.require(Action.PUSH, cache);
        if (!StorePath.parseBaseName(drv).isDerivation()) {
            throw Problem.malformed("derivation", drv, "a build log is sent to log/<hash>-<name>.drv.");
        }
        try (var text = RequestBodies.decode(headers, body, BuildLogUpload.MAX_TEXT_BYTES, "build log")) {
            logUpload.receive(authorizedCache, drv, text);
        }
        return RestResponse.status(RestResponse.Status.CREATED);
    }
}
