package dev.narthex.ecosystem.pypi;

import dev.narthex.ecosystem.RegistryResponses;
import dev.narthex.http.Content;
import dev.narthex.http.ContentResponse;
import dev.narthex.http.RawPathSegments;
import dev.narthex.nix.NixHash;
import dev.narthex.problem.Problem;
import dev.narthex.spi.Artifact;
import dev.narthex.spi.PackageInfo;
import dev.narthex.spi.Registry;
import dev.narthex.spi.RegistryProvider;
import dev.narthex.spi.ReleaseInfo;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.UriInfo;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jboss.resteasy.reactive.RestPath;
import org.jboss.resteasy.reactive.RestQuery;
import org.jboss.resteasy.reactive.RestResponse;

/**
 * Serves the simple index (PEP 503, PEP 691), the legacy JSON, and the files of both. Uses the raw path, because page URLs differ
 * from others by a trailing slash.
 */
@Path("/registry/{cache}/pypi")
@RunOnVirtualThread
class SimpleEndpoint {
    private final RegistryProvider registries;
    private final MetadataFiles coreMetadata;
    private final ProjectFileCollector files;

    SimpleEndpoint(RegistryProvider registries, MetadataFiles coreMetadata, ProjectFileCollector files) {
        this.registries = registries;
        this.coreMetadata = coreMetadata;
        this.files = files;
    }

    @GET
    @Path("{path:.*}")
    public RestResponse<Object> get(
            @RestPath String cache,
            @RestQuery("format") @DefaultValue("") String format,
            @Context UriInfo uri,
            @Context HttpHeaders headers)
            throws IOException {
        var registry = registries.read(cache);
        var path = PypiPath.parse(RawPathSegments.of(uri)).orElseThrow(() -> notFound(uri));
        return switch (path) {
            case PypiPath.Home home ->
                RegistryResponses.page(registry, PypiEcosystem.ID, headers).orElseThrow(() -> notFound(uri));
            case PypiPath.Projects list ->
                RegistryResponses.page(registry, PypiEcosystem.ID, headers)
                        .orElseGet(() -> list.slash()
                                ? projects(registry, form(headers, format), headers)
                                : redirect("simple/", uri));
            case PypiPath.Project of -> {
                var normalized = ProjectName.normalize(of.name());
                yield RegistryResponses.page(registry, PypiEcosystem.ID + "/" + normalized, headers)
                        .orElseGet(() -> of.slash() && normalized.equals(of.name())
                                ? project(registry, normalized, form(headers, format), headers)
                                : redirect((of.slash() ? "../" : "") + normalized + "/", uri));
            }
            case PypiPath.File of -> file(registry, of, headers);
            case PypiPath.MirrorFile of -> serveMirrorFile(registry, of);
            case PypiPath.LegacyJsonPage of -> legacy(registry, of, headers);
        };
    }

    private static SimpleFormat form(HttpHeaders headers, String wish) {
        return SimpleFormat.choose(Optional.ofNullable(headers.getHeaderString("Accept")), wish)
                .orElseThrow(() -> Problem.notAcceptable("A page is JSON or HTML; PEP 691 names their types."));
    }

    private static RestResponse<Object> projects(Registry registry, SimpleFormat format, HttpHeaders headers) {
        var list = new ProjectList(registry);
        return RegistryResponses.listing(
                registry, out -> list.write(format, out), format.contentType(), "Accept", headers);
    }

    private RestResponse<Object> project(
            Registry registry, String normalized, SimpleFormat format, HttpHeaders headers) {
        var answer = registry.document(PypiEcosystem.ID, normalized, format.name(), () -> {
            var project = ProjectFileCollector.find(registry, normalized);
            return new ProjectPage(project, files.of(registry, project)).body(format);
        });
        return open(RegistryResponses.document(registry, answer, format.contentType(), "Accept", headers));
    }

    private RestResponse<Object> file(Registry registry, PypiPath.File path, HttpHeaders headers) throws IOException {
        files.refuseQuarantined(registry, path.project());
        var beside = Stream.of(PypiPath.METADATA, PypiPath.PROVENANCE)
                .filter(end -> path.filename().endsWith(end))
                .findFirst()
                .orElse("");
        var name = path.filename().substring(0, path.filename().length() - beside.length());
        var file = registry.file(PypiEcosystem.ID, path.project(), name)
                .filter(a -> a.sha256().hex().equals(path.sha256()))
                .orElseThrow(() -> Problem.notFound("file", path.filename()));
        return open(
                switch (beside) {
                    case PypiPath.METADATA -> metadata(registry, path, file, headers);
                    case PypiPath.PROVENANCE -> provenance(registry, path, file, headers);
                    default -> RegistryResponses.file(registry, file, path.sha256(), headers);
                });
    }

    /** Revalidated by clients, because attestations may be added after the file. */
    private static RestResponse<Object> provenance(
            Registry registry, PypiPath.File path, Artifact file, HttpHeaders headers) {
        if (file.attested().isEmpty()) {
            throw Problem.notFound("provenance", path.filename());
        }
        var answer = registry.document(
                PypiEcosystem.ID, path.project(), "provenance " + file.sha256().hex(), () -> {
                    try {
                        return PublishAttestation.provenance(registry.attestations(file));
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                });
        return RegistryResponses.document(registry, answer, PublishAttestation.CONTENT_TYPE, "", headers);
    }

    private RestResponse<Object> metadata(Registry registry, PypiPath.File path, Artifact file, HttpHeaders headers)
            throws IOException {
        var bytes = coreMetadata.bytes(registry, file).orElseThrow(() -> Problem.notFound("file", path.filename()));
        var fixed = Map.of(
                "Cache-Control",
                (registry.cache().open() ? "public" : "private") + ", max-age=31536000, immutable",
                "X-Content-Type-Options",
                "nosniff");
        return ContentResponse.of(
                Content.of(bytes), NixHash.sha256(bytes).hex(), "text/plain; charset=utf-8", fixed, headers);
    }

    /**
     * Redirects a URL that nixpkgs' fetchPypi builds from the project name and version as spelled in the expression; the file's
     * own spelling may differ.
     */
    private RestResponse<Object> serveMirrorFile(Registry registry, PypiPath.MirrorFile path) {
        var addresses = registry.document(PypiEcosystem.ID, path.project(), "addresses", () -> {
            var project = ProjectFileCollector.find(registry, path.project());
            return files.of(registry, project).stream()
                    .map(file -> file.filename() + "\t" + file.address(path.project()) + "\n")
                    .collect(Collectors.joining())
                    .getBytes(StandardCharsets.UTF_8);
        });
        var distribution = DistributionName.parse(path.filename());
        return new String(addresses.bytes(), StandardCharsets.UTF_8)
                .lines()
                .map(line -> line.split("\t"))
                .filter(file -> file[0].equals(path.filename())
                        || distribution.isPresent()
                                && DistributionName.parse(file[0])
                                        .filter(distribution.get()::isSameSdist)
                                        .isPresent())
                .min(Comparator.comparing(file -> !file[0].equals(path.filename())))
                .map(file -> RestResponse.ResponseBuilder.<Object>create(302)
                        .header("Location", "../../../../" + file[1])
                        .build())
                .orElseThrow(() -> Problem.notFound("file", path.filename()));
    }

    private RestResponse<Object> legacy(Registry registry, PypiPath.LegacyJsonPage path, HttpHeaders headers) {
        var normalized = ProjectName.normalize(path.name());
        var form = "legacy " + path.version().orElse("");
        var answer = registry.document(PypiEcosystem.ID, normalized, form, () -> {
            var project = ProjectFileCollector.find(registry, normalized);
            var release =
                    path.version().isPresent() ? release(project, path.version().get()) : newest(project);
            var cache = registry.cache().name();
            return new LegacyJson(
                            project,
                            files.of(registry, project),
                            registry.baseUrl() + "/" + cache + "/pypi/" + normalized,
                            registry.baseUrl() + "/registry/" + cache + "/pypi/")
                    .body(
                            release.orElseThrow(() -> Problem.notFound(
                                    "release",
                                    path.name() + " " + path.version().orElse(""))),
                            path.version().isEmpty());
        });
        return open(RegistryResponses.document(registry, answer, "application/json", "", headers));
    }

    /** Finds a release by any spelling of its version. */
    private static Optional<ReleaseInfo> release(PackageInfo project, String version) {
        var key = PypiVersion.key(version);
        return project.releases().stream()
                .filter(r -> Arrays.equals(PypiVersion.key(r.version()), key))
                .min(Comparator.comparing(r -> !r.version().equals(version)));
    }

    /** Finds the release that pip would choose. */
    private static Optional<ReleaseInfo> newest(PackageInfo project) {
        return project.releases().stream()
                .min(Comparator.comparing((ReleaseInfo r) -> r.withdrawals().containsKey(ProjectFileCollector.YANKED))
                        .thenComparing(ReleaseInfo::prerelease));
    }

    private static RuntimeException notFound(UriInfo uri) {
        return Problem.notFound("address in this index", uri.getPath());
    }

    /** Redirects to a relative URL, since only the client knows the prefix that it used. */
    private static RestResponse<Object> redirect(String location, UriInfo uri) {
        var query = uri.getRequestUri().getRawQuery();
        return RestResponse.ResponseBuilder.<Object>create(301)
                .header("Location", query == null ? location : location + "?" + query)
                .build();
    }

    /**
     * Allows requests from browsers, such as from Python in a web page. Browsers send no credentials with them, so nothing
     * private is exposed.
     */
    private static RestResponse<Object> open(RestResponse<Object> answer) {
        answer.getHeaders().putSingle("Access-Control-Allow-Origin", "*");
        return answer;
    }
}
