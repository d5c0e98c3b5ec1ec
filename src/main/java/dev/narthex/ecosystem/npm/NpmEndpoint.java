package dev.narthex.ecosystem.npm;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.narthex.ecosystem.RegistryResponses;
import dev.narthex.http.Accept;
import dev.narthex.http.Content;
import dev.narthex.http.ContentResponse;
import dev.narthex.http.RawPathSegments;
import dev.narthex.nix.NixHash;
import dev.narthex.problem.DependentsText;
import dev.narthex.problem.Problem;
import dev.narthex.spi.Accounts;
import dev.narthex.spi.Memberships;
import dev.narthex.spi.PackageInfo;
import dev.narthex.spi.Registry;
import dev.narthex.spi.RegistryProvider;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MultivaluedMap;
import jakarta.ws.rs.core.UriInfo;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import org.jboss.resteasy.reactive.RestPath;
import org.jboss.resteasy.reactive.RestQuery;
import org.jboss.resteasy.reactive.RestResponse;

/**
 * Serves the read requests of npm, pnpm, yarn and bun. A single method handles all routes: scoped names contain encoded slashes,
 * which routers decode or split inconsistently, so {@link NpmPath} parses the raw path.
 */
@Path("/registry/{cache}/npm")
@RunOnVirtualThread
class NpmEndpoint {
    private static final String ABBREVIATED = "application/vnd.npm.install-v1+json";
    private static final String JSON = "application/json";
    private static final String UTF_8 = "; charset=utf-8";
    private static final int USUAL_HITS = 20;

    /** Header in which npm names the command that makes the request. */
    static final String COMMAND = "npm-command";

    private static final String OWNER = "owner";
    private static final Map<String, String> UNKEPT = Map.of("Cache-Control", "no-store");

    private final RegistryProvider registries;
    private final Accounts accounts;
    private final Memberships memberships;

    NpmEndpoint(RegistryProvider registries, Accounts accounts, Memberships memberships) {
        this.registries = registries;
        this.accounts = accounts;
        this.memberships = memberships;
    }

    /** @param write whether the client reads the document in order to change it; then the response must not be cached */
    @GET
    @Path("{path:.*}")
    public RestResponse<Object> get(
            @RestPath String cache,
            @RestQuery("write") @DefaultValue("false") String write,
            @Context UriInfo uri,
            @Context HttpHeaders headers)
            throws IOException {
        var registry = registries.read(cache);
        var path = NpmPath.parse(RawPathSegments.of(uri).segments()).orElseThrow(() -> notFound(uri));
        boolean changes = write.equals("true");
        var answer = changes && path instanceof NpmPath.Packument(NpmName name)
                ? packument(registry, name, false, headers)
                : respond(registry, path, uri, headers);
        if (changes) {
            answer.getHeaders().putSingle("Cache-Control", "no-store");
        }
        return answer;
    }

    private RestResponse<Object> respond(Registry registry, NpmPath path, UriInfo uri, HttpHeaders headers)
            throws IOException {
        return switch (path) {
            case NpmPath.Packument of
            when OWNER.equals(headers.getHeaderString(COMMAND)) ->
                memberships
                        .listIfVisible(
                                registry.cache().name(),
                                NpmEcosystem.ID,
                                of.name().toString())
                        .map(members -> servePackumentForOwners(registry, of.name(), members, headers))
                        .orElseGet(() -> packument(registry, of.name(), false, headers));
            case NpmPath.Packument of ->
                RegistryResponses.page(registry, "npm/" + of.name(), headers)
                        .orElseGet(() -> packument(registry, of.name(), brief(headers), headers));
            case NpmPath.Manifest of -> manifest(registry, of, headers);
            case NpmPath.Tarball of -> tarball(registry, of, headers);
            case NpmPath.PackageAspect(NpmName name, String subject) ->
                serveSubject(registry, name, subject, uri, headers);
            case NpmPath.VersionAttestations of -> attestations(registry, of, headers);
            case NpmPath.Tag tag -> throw notFound(uri);
            case NpmPath.Revision revision -> throw notFound(uri);
            case NpmPath.TarballRevision revision -> throw notFound(uri);
            case NpmPath.Service(String route) -> service(registry, route, uri, headers);
        };
    }

    private RestResponse<Object> serveSubject(
            Registry registry, NpmName name, String subject, UriInfo uri, HttpHeaders headers) {
        if (subject.equals("collaborators")) {
            return collaborators(registry, name, headers);
        }
        if (!subject.equals("dist-tags") && !subject.equals("visibility")) {
            throw notFound(uri);
        }
        var tags = document(
                registry,
                name,
                "dist-tags",
                headers,
                () -> PackageJson.bytes(find(registry, name).distTags()));
        return subject.equals("dist-tags")
                ? tags
                : json("{\"public\":" + registry.cache().open() + "}", headers);
    }

    private RestResponse<Object> collaborators(Registry registry, NpmName name, HttpHeaders headers) {
        var members = memberships.list(registry.cache().name(), NpmEcosystem.ID, name.toString());
        find(registry, name);
        return json(NpmJson.object(NpmOrganization.permissions(members)).toString(), headers);
    }

    private ObjectNode profile() {
        var account = accounts.whoami();
        var email = accounts.email();
        return NpmJson.object()
                .put("tfa", false)
                .put("name", account.name())
                .put("email", email.orElse(""))
                .put("email_verified", email.isPresent())
                .put("fullname", account.name())
                .putNull("cidr_whitelist");
    }

    private RestResponse<Object> service(Registry registry, String route, UriInfo uri, HttpHeaders headers) {
        return switch (route) {
            case "" ->
                RegistryResponses.page(registry, "npm", headers)
                        .orElseGet(() -> json("{\"db_name\":\"registry\"}", headers));
            case "ping" -> json("{}", headers);
            case RegistrySignatures.KEYS ->
                json(
                        new RegistrySignatures(registry.signer(NpmEcosystem.ID))
                                .keys()
                                .toString(),
                        headers);
            case "v1/search" -> search(registry, uri.getQueryParameters(), headers);
            case "whoami" ->
                json(NpmJson.object().put("username", accounts.whoami().name()).toString(), headers);
            case "npm/v1/user" -> json(profile().toString(), headers);
            case "_view/starredByUser" ->
                json(starred(registry, uri.getQueryParameters()).toString(), headers);
            default -> throw notFound(uri);
        };
    }

    private static RestResponse<Object> attestations(
            Registry registry, NpmPath.VersionAttestations path, HttpHeaders headers) {
        return document(registry, path.name(), "attestations " + path.version(), headers, () -> {
            var bundles = find(registry, path.name())
                    .release(path.version())
                    .flatMap(RegistryManifest::tarball)
                    .map(registry::attestations)
                    .filter(attestations -> !attestations.isEmpty())
                    .orElseThrow(() -> Problem.notFound("attestation", path.name() + "@" + path.version()));
            return bytes(RegistryManifest.attestations(bundles).toString());
        });
    }

    /** Serves a CouchDB view, whose key is a JSON text. */
    private static ObjectNode starred(Registry registry, MultivaluedMap<String, String> query) {
        var who = NpmJson.key(Objects.requireNonNullElse(query.getFirst("key"), ""));
        var answer = NpmJson.object();
        var rows = answer.putArray("rows");
        registry.starredBy(NpmEcosystem.ID, who)
                .forEach(name -> rows.addObject().put("value", name));
        return answer;
    }

    /**
     * Serves the packument for npm owner, which identifies itself in a header. Includes the maintainers if the caller may see
     * them, and is therefore not cached; all other callers get the public document.
     */
    private static RestResponse<Object> servePackumentForOwners(
            Registry registry, NpmName name, List<Memberships.RegistryMember> members, HttpHeaders headers) {
        var body = find(registry, name)
                .documentForOwners(registry.stars(NpmEcosystem.ID, name.toString()), OwnerEdit.names(members));
        return json(body, headers);
    }

    private static boolean brief(HttpHeaders headers) {
        var accept = new Accept(Optional.ofNullable(headers.getHeaderString("Accept")));
        return accept.names(ABBREVIATED) && accept.quality(ABBREVIATED) > accept.quality(JSON);
    }

    /**
     * @param brief false for clients that want to change the package, even if they accept the abbreviated form: only the full
     *     document contains its revision
     */
    private RestResponse<Object> packument(Registry registry, NpmName name, boolean brief, HttpHeaders headers) {
        var answer = registry.document(NpmEcosystem.ID, name.toString(), brief ? "abbreviated" : "whole", () -> {
            var packument = find(registry, name);
            return brief
                    ? packument.abbreviated()
                    : packument.fullDocument(registry.stars(NpmEcosystem.ID, name.toString()));
        });
        return RegistryResponses.document(registry, answer, (brief ? ABBREVIATED : JSON) + UTF_8, "Accept", headers);
    }

    private RestResponse<Object> manifest(Registry registry, NpmPath.Manifest path, HttpHeaders headers) {
        return document(registry, path.name(), "manifest " + path.version(), headers, () -> {
            var packument = find(registry, path.name());
            var release = packument
                    .release(path.version())
                    .orElseThrow(() -> Problem.notFound("version", path.name() + "@" + path.version()));
            return bytes(packument.manifest(release).toString());
        });
    }

    private static RestResponse<Object> document(
            Registry registry, NpmName name, String form, HttpHeaders headers, Supplier<byte[]> factory) {
        var answer = registry.document(NpmEcosystem.ID, name.toString(), form, factory);
        return RegistryResponses.document(registry, answer, JSON + UTF_8, "", headers);
    }

    private RestResponse<Object> tarball(Registry registry, NpmPath.Tarball path, HttpHeaders headers)
            throws IOException {
        var file = registry.file(NpmEcosystem.ID, path.name().toString(), path.filename())
                .orElseThrow(() -> Problem.notFound("tarball", path.filename()));
        return RegistryResponses.file(
                registry, file, file.sha512().orElse(file.sha256()).hex(), headers);
    }

    private static RestResponse<Object> search(
            Registry registry, MultivaluedMap<String, String> query, HttpHeaders headers) {
        var text = Objects.requireNonNullElse(query.getFirst("text"), "");
        var answer = new NpmSearch(registry).respond(text, number(query, "from", 0), number(query, "size", USUAL_HITS));
        return json(answer.toString(), headers);
    }

    static Packument packument(Registry registry, PackageInfo view) {
        var url = registry.baseUrl() + "/registry/" + registry.cache().name() + "/npm/";
        return new Packument(
                view, new RegistryManifest(url, Optional.of(new RegistrySignatures(registry.signer(NpmEcosystem.ID)))));
    }

    static Packument find(Registry registry, NpmName name) {
        return registry.find(NpmEcosystem.ID, name.toString())
                .map(view -> packument(registry, view))
                .filter(packument -> !packument.isEmpty())
                .orElseThrow(() -> notFound(registry, name).toException());
    }

    /** Names the packages that depend on the missing one, because npm does not tell its user which package requires it. */
    private static Problem notFound(Registry registry, NpmName name) {
        var wanting = registry.dependents(NpmEcosystem.ID, name.toString(), DependentsText.MAX_NAMES);
        return new Problem.NotFound(
                "package",
                name.toString(),
                DependentsText.sentence(registry.cache().name(), wanting));
    }

    private static RestResponse<Object> json(String body, HttpHeaders headers) {
        return json(bytes(body), headers);
    }

    private static RestResponse<Object> json(byte[] bytes, HttpHeaders headers) {
        return ContentResponse.of(Content.of(bytes), NixHash.sha256(bytes).nix32(), JSON + UTF_8, UNKEPT, headers);
    }

    private static RuntimeException notFound(UriInfo uri) {
        return Problem.notFound("address", uri.getPath());
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** Returns the default if the parameter is not a number. */
    private static int number(MultivaluedMap<String, String> query, String name, int usual) {
        var digits = Objects.requireNonNullElse(query.getFirst(name), "");
        return digits.matches("[0-9]{1,6}") ? Integer.parseInt(digits) : usual;
    }
}
