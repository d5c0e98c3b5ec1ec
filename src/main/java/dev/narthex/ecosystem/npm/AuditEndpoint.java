package dev.narthex.ecosystem.npm;

import dev.narthex.problem.Problem;
import dev.narthex.spi.Registries;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Response;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.jboss.resteasy.reactive.RestPath;

/**
 * Answers {@code npm audit}, which every install asks too. npm and bun pack their request, yarn does not; pnpm 10 asks in
 * the older shape, whose answer is an empty report, as that shape needs ranges that nobody states here.
 */
@Path("/registry/{cache}/npm/-/npm/v1/security")
@RunOnVirtualThread
class AuditEndpoint {
    private static final int BODY_BYTES = 8 << 20;
    private static final String JSON = "application/json; charset=utf-8";
    private static final String NOTHING = """
            {"actions":[],"advisories":{},"muted":[],"metadata":{"vulnerabilities":\
            {"info":0,"low":0,"moderate":0,"high":0,"critical":0},"dependencies":0,"devDependencies":0,\
            "optionalDependencies":0,"totalDependencies":0}}""";

    private final Registries registries;
    private final Advisories advisories;

    AuditEndpoint(Registries registries, Advisories advisories) {
        this.registries = registries;
        this.advisories = advisories;
    }

    @POST
    @Path("advisories/bulk")
    @Consumes("*/*")
    public Response bulk(@RestPath String cache, @HeaderParam("Content-Encoding") String encoding, InputStream body)
            throws IOException {
        var registry = registries.read(cache);
        return answer(advisories.answer(registry, new ByteArrayInputStream(read(body, "gzip".equals(encoding)))));
    }

    @POST
    @Path("audits/quick")
    @Consumes("*/*")
    public Response quick(@RestPath String cache, InputStream body) throws IOException {
        return audits(cache, body);
    }

    @POST
    @Path("audits")
    @Consumes("*/*")
    public Response audits(@RestPath String cache, InputStream body) throws IOException {
        registries.read(cache);
        read(body, false);
        return answer(NOTHING.getBytes(StandardCharsets.UTF_8));
    }

    private static Response answer(byte[] json) {
        return Response.ok(json, JSON).header("Cache-Control", "no-store").build();
    }

    private static byte[] read(InputStream body, boolean packed) throws IOException {
        try {
            var plain = (packed ? new GZIPInputStream(body) : body).readNBytes(BODY_BYTES + 1);
            if (plain.length <= BODY_BYTES) {
                return plain;
            }
        } catch (ZipException | EOFException e) {
            throw new Problem.Malformed("audit request", "", "its body is not gzip, though it says so.").asException();
        }
        throw new Problem.TooLarge("audit request", "Audits are answered for lists of at most 8 MiB.").asException();
    }
}
