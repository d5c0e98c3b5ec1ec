package dev.narthex.ecosystem.npm;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.narthex.http.ContentLengthCheck;
import dev.narthex.http.RawPathSegments;
import dev.narthex.nix.HashAlgorithm;
import dev.narthex.problem.Problem;
import dev.narthex.spi.Accounts;
import dev.narthex.spi.Memberships;
import dev.narthex.spi.Memberships.RegistryMember;
import dev.narthex.spi.PackageWriter;
import dev.narthex.spi.Registry;
import dev.narthex.spi.RegistryProvider;
import dev.narthex.spi.RegistryProvider.WriteIntent;
import dev.narthex.spi.UntrustedJson;
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
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jboss.resteasy.reactive.RestPath;

/**
 * Serves the write requests of npm, pnpm, yarn and bun. Permissions and the body's length are checked before any of the body is
 * read.
 */
@Path("/registry/{cache}/npm")
@RunOnVirtualThread
class NpmWriteEndpoint {
    private static final ObjectMapper JSON = UntrustedJson.mapper().build();
    private static final int TAG_BYTES = 1000;
    private static final String PUBLIC = "public";

    /** Sufficient for 1000 names. */
    private static final int STARS_BYTES = 1 << 20;

    private static final Set<String> STARS = Set.of("star", "unstar");

    private final RegistryProvider registries;
    private final Accounts accounts;
    private final Memberships memberships;
    private final NpmOrganization organization;

    NpmWriteEndpoint(
            RegistryProvider registries, Accounts accounts, Memberships memberships, NpmOrganization organization) {
        this.registries = registries;
        this.accounts = accounts;
        this.memberships = memberships;
        this.organization = organization;
    }

    @PUT
    @Path("{path:.*}")
    @Consumes("*/*")
    public Response put(@RestPath String cache, @Context UriInfo uri, @Context HttpHeaders headers, InputStream body)
            throws IOException {
        return switch (parsePath(uri)) {
            case NpmPath.Packument(NpmName name) when stars(headers) -> star(cache, name, body);
            case NpmPath.Packument(NpmName name) -> publishOrDeprecate(cache, name, headers, body);
            case NpmPath.Revision(NpmName name, String revision) ->
                replaceDocument(cache, name, revision, headers, body);
            case NpmPath.Tag(NpmName name, String tag) -> tag(cache, name, tag, body);
            case NpmPath other -> throw absent(cache, uri);
        };
    }

    /** Sets tags, which some clients do by POST. Also answers npm access and npm profile, whose settings cannot be changed here. */
    @POST
    @Path("{path:.*}")
    @Consumes("*/*")
    public Response post(@RestPath String cache, @Context UriInfo uri, InputStream body) throws IOException {
        return switch (parsePath(uri)) {
            case NpmPath.Tag(NpmName name, String tag) -> tag(cache, name, tag, body);
            case NpmPath.PackageAspect(NpmName name, String subject)
            when subject.equals("access") -> access(cache, name, body);
            case NpmPath.Service(String route) when route.equals("npm/v1/user") -> throw profile(cache);
            case NpmPath other -> throw absent(cache, uri);
        };
    }

    private RuntimeException profile(String cache) {
        registries.read(cache);
        accounts.whoami();
        return Problem.forbidden("Names, addresses and second factors are the identity provider's: change them there,"
                + " and sign in here again.");
    }

    /** A package is as public as its cache, so a request for the current state succeeds and any other is refused. */
    private Response access(String cache, NpmName name, InputStream body) throws IOException {
        var registry = maintained(cache, name).registry();
        NpmEndpoint.find(registry, name);
        var json = NpmJson.read(body);
        if (json.has("publish_requires_tfa")) {
            throw Problem.forbidden("Second factors are asked for where people sign in, at the identity provider, and"
                    + " not by this registry.");
        }
        var wanted = NpmJson.text(json, "access");
        if (!wanted.equals(PUBLIC) && !wanted.equals("restricted")) {
            throw Problem.malformed("access", wanted, "a package is public or restricted.");
        }
        if (wanted.equals(PUBLIC) == registry.cache().open()) {
            return NpmJson.respond(200, NpmJson.object());
        }
        throw Problem.forbidden(
                "All packages of " + cache + " are " + (registry.cache().open() ? PUBLIC : "private")
                        + ", since the cache is; its owners change that for all of them at "
                        + organization.settings(cache) + ".");
    }

    @DELETE
    @Path("{path:.*}")
    public Response delete(@RestPath String cache, @Context UriInfo uri) {
        return switch (parsePath(uri)) {
            case NpmPath.Revision(NpmName name, String revision) ->
                applyEdit(
                        maintained(cache, name), edit -> edit.require(revision).removeAll());
            case NpmPath.TarballRevision path -> tarball(cache, path);
            case NpmPath.Tag(NpmName name, String tag) -> untag(cache, name, tag);
            case NpmPath other -> throw absent(cache, uri);
        };
    }

    private static NpmPath parsePath(UriInfo uri) {
        return NpmPath.parse(RawPathSegments.of(uri).segments()).orElse(new NpmPath.Service(""));
    }

    private RuntimeException absent(String cache, UriInfo uri) {
        registries.read(cache);
        return Problem.notFound("address", uri.getPath());
    }

    private PackageWriter maintained(String cache, NpmName name) {
        return registries.write(cache, WriteIntent.MAINTAIN, NpmEcosystem.ID, name.toString());
    }

    private Response publishOrDeprecate(String cache, NpmName name, HttpHeaders headers, InputStream body)
            throws IOException {
        var writer = registries.write(cache, WriteIntent.PUBLISH, NpmEcosystem.ID, name.toString());
        checkBody(writer, headers);
        try (var document = PublishDocument.read(writer.admit(body), writer)) {
            return document.attachment().isPresent()
                    ? publish(writer, name, document)
                    : deprecate(cache, name, document.members());
        }
    }

    private static Response publish(PackageWriter writer, NpmName name, PublishDocument document) throws IOException {
        NewPackageNameRules.problem(name)
                .filter(problem -> writer.registry()
                        .state(NpmEcosystem.ID, name.toString())
                        .isEmpty())
                .ifPresent(problem -> {
                    throw problem.toException();
                });
        var publication = PublishValidation.validate(name, document);
        var file = document.attachment().orElseThrow().file();
        boolean created = writer.publish(
                publication,
                file,
                target ->
                        PublishValidation.requireFree(target, publication.version(), file.hash(HashAlgorithm.SHA256)));
        return success(created ? 201 : 200, created ? "published" : "was published before with the same bytes");
    }

    private static boolean stars(HttpHeaders headers) {
        return Optional.ofNullable(headers.getHeaderString(NpmEndpoint.COMMAND))
                .filter(STARS::contains)
                .isPresent();
    }

    /**
     * Everyone who may read a package may star it. npm announces a star in a header; other clients need the right to publish
     * before their document is read.
     */
    private Response star(String cache, NpmName name, InputStream body) throws IOException {
        registries.read(cache);
        accounts.whoami();
        var json = NpmJson.read(body, STARS_BYTES);
        if (!starred(json)) {
            throw Problem.malformed("users", "", "send the users of the package as they were read.");
        }
        return star(cache, name, json);
    }

    private static boolean starred(JsonNode body) {
        return body.path("users").isObject() && !body.has("versions");
    }

    /** Only the caller's entry in the document counts; those of other people are ignored. */
    private Response star(String cache, NpmName name, JsonNode body) {
        boolean starred = body.path("users").path(accounts.whoami().name()).asBoolean(false);
        var registry = registries.read(cache);
        var revision = body.path("_rev").asText("");
        registries.star(
                new RegistryProvider.StarRequest(cache, NpmEcosystem.ID, name.toString(), starred),
                now -> NpmEndpoint.packument(registry, now).require(revision));
        return success(201, starred ? "starred" : "no longer starred");
    }

    /** Handles a document without a tarball: it changes an existing package. */
    private Response deprecate(String cache, NpmName name, ObjectNode document) {
        if (starred(document)) {
            return star(cache, name, document);
        }
        if (!document.has("_rev")) {
            throw Problem.mismatch(
                    "_attachments",
                    "The document has neither a tarball to be published nor the _rev of a package to be changed.");
        }
        var revision = document.path("_rev").asText("");
        return applyEdit(maintained(cache, name), edit -> edit.require(revision).deprecate(document));
    }

    /** A full document removes the versions that it lacks; a list of owners without versions changes the owners. */
    private Response replaceDocument(String cache, NpmName name, String revision, HttpHeaders headers, InputStream body)
            throws IOException {
        var writer = maintained(cache, name);
        checkBody(writer, headers);
        try (var document = PublishDocument.read(writer.admit(body), writer)) {
            if (OwnerEdit.isOwnerEdit(document.members())) {
                return owners(writer.registry(), name, revision, OwnerEdit.of(document.members()));
            }
            return applyEdit(writer, edit -> edit.require(revision).removeOthers(document.members()));
        }
    }

    /** npm's output mentions only this package; the notice says that the change affects the whole cache. */
    private Response owners(Registry registry, NpmName name, String revision, OwnerEdit edit) {
        var cache = registry.cache().name();
        var editor = memberships.edit(cache);
        var packument = NpmEndpoint.find(registry, name);
        var responses = new ArrayList<Response>();
        editor.change(now -> {
            packument.require(revision, OwnerEdit.names(now));
            edit.removed(now).stream().filter(RegistryMember::group).findFirst().ifPresent(group -> {
                throw organization.group(cache, group);
            });
            responses.add(withNotice(cache, edit, now));
            return edit.roles(now);
        });
        return responses.getLast();
    }

    private static Response withNotice(String cache, OwnerEdit edit, List<RegistryMember> now) {
        var answer = Response.fromResponse(success(201, "changed"));
        var added = edit.added(now);
        var removed = edit.removed(now);
        if (!added.isEmpty()) {
            return NpmNotice.addTo(answer, added.getFirst(), "maintains " + cache + " now, with all packages in it.");
        }
        return removed.isEmpty()
                ? answer.build()
                : NpmNotice.addTo(answer, removed.getFirst().name(), "is no member of " + cache + " any more.");
    }

    private static Response applyEdit(PackageWriter writer, Consumer<PackumentEdit> change) {
        var registry = writer.registry();
        writer.change((now, edit) -> change.accept(new PackumentEdit(NpmEndpoint.packument(registry, now), edit)));
        return success(201, "changed");
    }

    /** npm removes the version from the document first, which already removes its tarball. */
    private Response tarball(String cache, NpmPath.TarballRevision path) {
        var writer = maintained(cache, path.name());
        if (writer.registry()
                .file(NpmEcosystem.ID, path.name().toString(), path.filename())
                .isPresent()) {
            throw Problem.forbidden("A version is removed as a whole, by npm unpublish.");
        }
        return success(200, "removed");
    }

    private Response tag(String cache, NpmName name, String tag, InputStream body) throws IOException {
        var writer = maintained(cache, name);
        DistTag.require(tag);
        var version = version(body.readNBytes(TAG_BYTES));
        writer.change((now, edit) -> edit.tag(tag, version));
        return success(201, "tagged");
    }

    private static String version(byte[] body) throws IOException {
        try {
            var text = JSON.readTree(body);
            if (text != null && text.isTextual()) {
                return text.textValue();
            }
        } catch (JsonProcessingException e) {
            // thrown below
        }
        throw Problem.malformed(
                "version", new String(body, StandardCharsets.UTF_8), "send the version for the tag as a JSON string.");
    }

    private Response untag(String cache, NpmName name, String tag) {
        var writer = maintained(cache, name);
        if (tag.equals(DistTag.LATEST)) {
            throw Problem.forbidden("Every package has the tag latest; move it to another version instead.");
        }
        writer.change((now, edit) -> edit.untag(tag));
        return success(200, "removed");
    }

    private static void checkBody(PackageWriter writer, HttpHeaders headers) {
        long max = PublishDocument.mostBytes(writer.largestFile());
        ContentLengthCheck.require(headers, max, () -> PublishDocument.tooLarge(max));
    }

    private static Response success(int status, String what) {
        return NpmJson.respond(status, NpmJson.object().put("ok", what).put("success", true));
    }
}
