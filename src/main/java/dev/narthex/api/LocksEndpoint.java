package dev.narthex.api;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectWriter;
import dev.narthex.access.Access;
import dev.narthex.access.Action;
import dev.narthex.problem.Problem;
import dev.narthex.spi.Ecosystem;
import dev.narthex.spi.LockfileReader;
import dev.narthex.vault.locks.LockPaths;
import dev.narthex.vault.locks.LockfileBody;
import dev.narthex.vault.locks.LockfileMemoryLimit;
import dev.narthex.vault.locks.LockfilePlan;
import dev.narthex.vault.locks.LockfileReport;
import dev.narthex.vault.locks.ParsedLockfile;
import io.quarkus.arc.All;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.resteasy.reactive.RestPath;
import org.jboss.resteasy.reactive.RestResponse;

/**
 * Returns the store paths of the files in a lockfile. Each file has its own path, so when one dependency changes only one path is
 * fetched again. A POST that only reads; nothing of the lockfile is stored.
 */
@Path("/_api/v1/{cache}/locks/{ecosystem}")
@RunOnVirtualThread
class LocksEndpoint {
    static final String NIX = "text/x-nix";

    private final Access access;
    private final LockPaths paths;
    private final List<Ecosystem> ecosystems;
    private final ObjectWriter json;
    private final SpooledResponse answers;
    private final String baseUrl;

    LocksEndpoint(
            Access access,
            LockPaths paths,
            @All List<Ecosystem> ecosystems,
            ObjectMapper json,
            @ConfigProperty(name = "narthex.data") java.nio.file.Path data,
            @ConfigProperty(name = "narthex.url") String baseUrl) {
        this.access = access;
        this.paths = paths;
        this.ecosystems = ecosystems;
        this.json = json.writer().without(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
        this.answers = new SpooledResponse(data.resolve("spool"));
        this.baseUrl = baseUrl;
    }

    /** Writes the response in one media type. */
    private interface ReportWriter {
        void write(ParsedLockfile lock, LockfilePlan plan, String substituter, OutputStream out) throws IOException;
    }

    /** Returns a {@link LockfileReport}. The body is the unchanged lockfile; its format is detected from the content. */
    @POST
    @Consumes(MediaType.WILDCARD)
    @Produces(MediaType.APPLICATION_JSON)
    public RestResponse<Object> json(
            @RestPath String cache, @RestPath String ecosystem, @Context HttpHeaders headers, InputStream body)
            throws IOException {
        return respond(
                new LockfileRequest(cache, ecosystem, headers, body),
                MediaType.APPLICATION_JSON,
                (lock, plan, substituter, out) -> json.writeValue(out, LockfileReport.of(lock, plan, substituter)));
    }

    /** Returns the Nix expression only. */
    @POST
    @Consumes(MediaType.WILDCARD)
    @Produces(NIX)
    public RestResponse<Object> nix(
            @RestPath String cache, @RestPath String ecosystem, @Context HttpHeaders headers, InputStream body)
            throws IOException {
        return respond(
                new LockfileRequest(cache, ecosystem, headers, body),
                NIX + "; charset=utf-8",
                (lock, plan, substituter, out) ->
                        out.write(LockfileReport.nix(lock, plan, substituter).getBytes(StandardCharsets.UTF_8)));
    }

    private record LockfileRequest(String cache, String ecosystem, HttpHeaders headers, InputStream body) {}

    private RestResponse<Object> respond(LockfileRequest request, String type, ReportWriter form) throws IOException {
        var cache = access.require(Action.READ, request.cache());
        var ecosystem = ecosystem(request.ecosystem());
        var reader = (LockfileReader) ecosystem;
        try (var room = new LockfileMemoryLimit();
                var text = LockfileBody.of(request.headers(), request.body())) {
            var lock = ParsedLockfile.read(reader, text, room);
            var plan = paths.locate(cache, ecosystem, lock);
            return answers.of(type, out -> form.write(lock, plan, baseUrl + "/" + cache.name(), out));
        }
    }

    private Ecosystem ecosystem(String id) {
        return Ecosystem.byId(ecosystems, id)
                .filter(LockfileReader.class::isInstance)
                .orElseThrow(() -> Problem.notFound("kind of lock", id));
    }
}
