package dev.narthex.ecosystem.npm;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.narthex.ecosystem.RawPath;
import dev.narthex.problem.Problem;
import dev.narthex.spi.PackageWriter;
import dev.narthex.spi.Registries;
import dev.narthex.spi.Registries.Intent;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import org.jboss.resteasy.reactive.RestPath;

/** What npm, pnpm, yarn and bun write. The right is judged, and the length of the body, before any of it is read. */
@Path("/registry/{cache}/npm")
@RunOnVirtualThread
class NpmWriteEndpoint {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int TAG_BYTES = 1000;

    private final Registries registries;

    NpmWriteEndpoint(Registries registries) {
        this.registries = registries;
    }

    @PUT
    @Path("{path:.*}")
    @Consumes("*/*")
    public Response put(@RestPath String cache, @Context UriInfo uri, @Context HttpHeaders headers, InputStream body)
            throws IOException {
        return switch (parsed(uri)) {
            case NpmPath.Packument(NpmName name) -> publishOrDeprecate(cache, name, headers, body);
            case NpmPath.Revision(NpmName name, String revision) -> unpublish(cache, name, revision, headers, body);
            case NpmPath.Tag(NpmName name, String tag) -> tag(cache, name, tag, body);
            case NpmPath other -> throw absent(cache, uri);
        };
    }

    /** As {@link #put}: some clients set tags so. */
    @POST
    @Path("{path:.*}")
    @Consumes("*/*")
    public Response post(@RestPath String cache, @Context UriInfo uri, InputStream body) throws IOException {
        if (parsed(uri) instanceof NpmPath.Tag(NpmName name, String tag)) {
            return tag(cache, name, tag, body);
        }
        throw absent(cache, uri);
    }

    @DELETE
    @Path("{path:.*}")
    public Response delete(@RestPath String cache, @Context UriInfo uri) {
        return switch (parsed(uri)) {
            case NpmPath.Revision(NpmName name, String revision) ->
                edited(maintained(cache, name), edit -> edit.require(revision).removeAll());
            case NpmPath.TarballRevision of -> tarball(cache, of);
            case NpmPath.Tag(NpmName name, String tag) -> untag(cache, name, tag);
            case NpmPath other -> throw absent(cache, uri);
        };
    }

    private static NpmPath parsed(UriInfo uri) {
        return NpmPath.parse(RawPath.of(uri).segments()).orElse(new NpmPath.Service(""));
    }

    private RuntimeException absent(String cache, UriInfo uri) {
        registries.read(cache);
        return new Problem.NotFound("address", uri.getPath()).asException();
    }

    private PackageWriter maintained(String cache, NpmName name) {
        return registries.write(cache, Intent.MAINTAIN, NpmEcosystem.ID, name.toString());
    }

    private Response publishOrDeprecate(String cache, NpmName name, HttpHeaders headers, InputStream body)
            throws IOException {
        var writer = registries.write(cache, Intent.PUBLISH, NpmEcosystem.ID, name.toString());
        checkBody(writer, headers);
        try (var sent = SentDocument.read(writer.admit(body), writer)) {
            return sent.attachment().isPresent() ? publish(writer, name, sent) : deprecate(cache, name, sent.members());
        }
    }

    private static Response publish(PackageWriter writer, NpmName name, SentDocument sent) throws IOException {
        boolean fresh =
                writer.registry().state(NpmEcosystem.ID, name.toString()).isEmpty();
        var publication = Submission.judge(name, fresh, sent);
        boolean created =
                writer.publish(publication, sent.attachment().orElseThrow().file());
        return done(created ? 201 : 200, created ? "published" : "was published before with the same bytes");
    }

    /** A document without a tarball changes one that is there. */
    private Response deprecate(String cache, NpmName name, ObjectNode document) {
        if (document.has("users") && !document.has("versions")) {
            maintained(cache, name);
            throw new Problem.Forbidden("Stars are not kept here.").asException();
        }
        if (!document.has("_rev")) {
            throw new Problem.Mismatch(
                            "_attachments",
                            "The document has neither a tarball to be published nor the _rev of a package to be changed.")
                    .asException();
        }
        var revision = document.path("_rev").asText("");
        return edited(maintained(cache, name), edit -> edit.require(revision).deprecate(document));
    }

    private Response unpublish(String cache, NpmName name, String revision, HttpHeaders headers, InputStream body)
            throws IOException {
        var writer = maintained(cache, name);
        checkBody(writer, headers);
        try (var sent = SentDocument.read(writer.admit(body), writer)) {
            return edited(writer, edit -> edit.require(revision).removeOthers(sent.members()));
        }
    }

    private static Response edited(PackageWriter writer, Consumer<PackumentEdit> change) {
        var registry = writer.registry();
        writer.change((now, edit) -> change.accept(new PackumentEdit(NpmEndpoint.packument(registry, now), edit)));
        return done(201, "changed");
    }

    /** npm takes a version out of the document first, and its tarball is gone with that. */
    private Response tarball(String cache, NpmPath.TarballRevision of) {
        var writer = maintained(cache, of.name());
        if (writer.registry()
                .file(NpmEcosystem.ID, of.name().toString(), of.filename())
                .isPresent()) {
            throw new Problem.Forbidden("A version is removed as a whole, by npm unpublish.").asException();
        }
        return done(200, "removed");
    }

    private Response tag(String cache, NpmName name, String tag, InputStream body) throws IOException {
        var writer = maintained(cache, name);
        DistTag.require(tag);
        var version = version(body.readNBytes(TAG_BYTES));
        writer.change((now, edit) -> edit.tag(tag, version));
        return done(201, "tagged");
    }

    private static String version(byte[] body) throws IOException {
        try {
            var text = JSON.readTree(body);
            if (text != null && text.isTextual()) {
                return text.textValue();
            }
        } catch (JsonProcessingException e) {
            // told below
        }
        throw new Problem.Malformed(
                        "version",
                        new String(body, StandardCharsets.UTF_8),
                        "send the version that the tag is to stand for, as a JSON text.")
                .asException();
    }

    private Response untag(String cache, NpmName name, String tag) {
        var writer = maintained(cache, name);
        if (tag.equals(DistTag.LATEST)) {
            throw new Problem.Forbidden("Every package has the tag latest; let it stand for another version.")
                    .asException();
        }
        writer.change((now, edit) -> edit.untag(tag));
        return done(200, "removed");
    }

    private static void checkBody(PackageWriter writer, HttpHeaders headers) {
        var encoding = Optional.ofNullable(headers.getHeaderString(HttpHeaders.CONTENT_ENCODING))
                .orElse("identity")
                .strip()
                .toLowerCase(Locale.ROOT);
        if (!encoding.equals("identity")) {
            throw new Problem.UnsupportedMediaType(
                            "Content-Encoding: packages are sent without; " + encoding + " is not read here.")
                    .asException();
        }
        long most = SentDocument.mostBytes(writer.largestFile());
        long length = Optional.ofNullable(headers.getHeaderString(HttpHeaders.CONTENT_LENGTH))
                .map(Long::parseLong)
                .orElse(0L);
        if (length > most) {
            throw SentDocument.tooLarge(most);
        }
    }

    private static Response done(int status, String what) {
        return NpmJson.answer(status, NpmJson.object().put("ok", what).put("success", true));
    }
}
