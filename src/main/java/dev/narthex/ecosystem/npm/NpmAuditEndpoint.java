package dev.narthex.ecosystem.npm;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.narthex.archive.CountingSourceStream;
import dev.narthex.http.LimitedInputStream;
import dev.narthex.problem.Problem;
import dev.narthex.problem.ProblemException;
import dev.narthex.spi.RegistryProvider;
import dev.narthex.spi.UntrustedJson;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Response;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.jboss.resteasy.reactive.RestPath;

/**
 * Serves {@code npm audit}, which every install requests too. npm, yarn and bun use the bulk endpoint; pnpm and older clients
 * send the tree of their lockfile. npm, bun and older versions of yarn compress the request body. Requests are not stored.
 */
@Path("/registry/{cache}/npm/-/npm/v1/security")
@RunOnVirtualThread
class NpmAuditEndpoint {
    /** Maximum uncompressed size. The tree of a large monorepo has about 10 million bytes. */
    private static final int MAX_BYTES = 16 << 20;

    /** Lists of names and versions compress to about a tenth, the repeated packages of a monorepo to about a fortieth. */
    private static final int MAX_RATIO = 100;

    private static final int RATIO_FREE_BYTES = 1 << 20;

    private static final JsonFactory JSON = UntrustedJson.factory();

    private final RegistryProvider registries;
    private final AdvisoryCache advisories;

    NpmAuditEndpoint(RegistryProvider registries, AdvisoryCache advisories) {
        this.registries = registries;
        this.advisories = advisories;
    }

    @POST
    @Path("advisories/bulk")
    @Consumes("*/*")
    public Response bulk(
            @RestPath String cache,
            @HeaderParam("Content-Encoding") @DefaultValue("identity") String encoding,
            InputStream body)
            throws IOException {
        return respond(cache, encoding, body, (advisories, parser) -> new BulkAudit(advisories).respond(parser));
    }

    @POST
    @Path("audits{quick:(/quick)?}")
    @Consumes("*/*")
    public Response tree(
            @RestPath String cache,
            @HeaderParam("Content-Encoding") @DefaultValue("identity") String encoding,
            InputStream body)
            throws IOException {
        return respond(cache, encoding, body, (advisories, parser) -> new QuickAudit(advisories).respond(parser));
    }

    private interface AuditReport {
        ObjectNode respond(Map<String, List<Advisory>> advisories, JsonParser parser) throws IOException;
    }

    private Response respond(String cache, String encoding, InputStream body, AuditReport audit) throws IOException {
        var registry = registries.read(cache);
        try (var parser = JSON.createParser(
                new LimitedInputStream(unpacked(body, encoding), MAX_BYTES, NpmAuditEndpoint::tooLarge))) {
            var answer = audit.respond(advisories.of(registry), parser);
            if (parser.nextToken() != null) {
                throw malformed();
            }
            return Response.ok(answer.toString().getBytes(StandardCharsets.UTF_8), "application/json; charset=utf-8")
                    .header("Cache-Control", "no-store")
                    .build();
        } catch (JsonProcessingException e) {
            throw malformed();
        } catch (ZipException | EOFException e) {
            throw Problem.malformed(
                    "audit request", "gzip", "the body is not gzip, although Content-Encoding says so.");
        }
    }

    private static InputStream unpacked(InputStream body, String encoding) throws IOException {
        return switch (encoding.toLowerCase(Locale.ROOT)) {
            case "identity", "" -> body;
            case "gzip", "x-gzip" -> new RatioLimitedGzip(new CountingSourceStream(body));
            default ->
                throw Problem.unsupportedMediaType(
                        "Audit requests are accepted uncompressed or with Content-Encoding gzip.");
        };
    }

    static ProblemException malformed() {
        return Problem.malformed(
                "audit request",
                "body",
                "expected a JSON object of names with lists of versions, or the tree of a lock file.");
    }

    /** Fails with a problem if the compression ratio exceeds {@value NpmAuditEndpoint#MAX_RATIO}. */
    private static final class RatioLimitedGzip extends GZIPInputStream {
        private final CountingSourceStream source;
        private long bytesOut;

        RatioLimitedGzip(CountingSourceStream source) throws IOException {
            super(source);
            this.source = source;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            int n = super.read(bytes, offset, length);
            bytesOut += Math.max(n, 0);
            if (bytesOut > RATIO_FREE_BYTES && bytesOut / MAX_RATIO > source.count()) {
                throw Problem.tooLarge(
                        "audit request",
                        "Its gzip unpacks to more than " + MAX_RATIO + " times its size. Send the list itself.");
            }
            return n;
        }
    }

    private static ProblemException tooLarge() {
        return Problem.tooLarge(
                "audit request", "Audits are answered for lists of at most " + (MAX_BYTES >> 20) + " MiB.");
    }
}
