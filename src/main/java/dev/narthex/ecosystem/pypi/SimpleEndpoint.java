package dev.narthex.ecosystem.pypi;

import dev.narthex.content.Content;
import dev.narthex.content.Sending;
import dev.narthex.ecosystem.Answers;
import dev.narthex.ecosystem.RawPath;
import dev.narthex.nix.NixHash;
import dev.narthex.problem.Problem;
import dev.narthex.spi.Artifact;
import dev.narthex.spi.PackageView;
import dev.narthex.spi.Registries;
import dev.narthex.spi.Registry;
import dev.narthex.spi.ReleaseView;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.UriInfo;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jboss.resteasy.reactive.RestPath;
import org.jboss.resteasy.reactive.RestQuery;
import org.jboss.resteasy.reactive.RestResponse;

/** The simple index (PEP 503, PEP 691) and the files that it names. Clients tell a page by its slash, so the raw path counts. */
@Path("/registry/{cache}/pypi")
@RunOnVirtualThread
class SimpleEndpoint {
    private static final String METADATA = ".metadata";

    private final Registries registries;
    private final CoreMetadata coreMetadata;

    SimpleEndpoint(Registries registries, CoreMetadata coreMetadata) {
        this.registries = registries;
        this.coreMetadata = coreMetadata;
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
        var path = PypiPath.parse(RawPath.of(uri)).orElseThrow(() -> absent(uri));
        return switch (path) {
            case PypiPath.Home home ->
                Answers.page(registry, PypiEcosystem.ID, headers).orElseThrow(() -> absent(uri));
            case PypiPath.Projects list ->
                Answers.page(registry, PypiEcosystem.ID, headers)
                        .orElseGet(() ->
                                list.slash() ? projects(registry, form(headers, format), headers) : moved("simple/"));
            case PypiPath.Project of -> {
                var normalised = ProjectName.normalise(of.name());
                yield Answers.page(registry, PypiEcosystem.ID + "/" + normalised, headers)
                        .orElseGet(() -> of.slash() && normalised.equals(of.name())
                                ? project(registry, normalised, form(headers, format), headers)
                                : moved((of.slash() ? "../" : "") + normalised + "/"));
            }
            case PypiPath.File of -> file(registry, of, headers);
            case PypiPath.Legacy of -> legacy(registry, of, headers);
        };
    }

    private static SimpleFormat form(HttpHeaders headers, String wish) {
        return SimpleFormat.choose(Optional.ofNullable(headers.getHeaderString("Accept")), wish)
                .orElseThrow(() ->
                        new Problem.NotAcceptable("A page is JSON or HTML; PEP 691 names their types.").asException());
    }

    private static RestResponse<Object> projects(Registry registry, SimpleFormat format, HttpHeaders headers) {
        var list = new ProjectList(registry);
        return Answers.listing(registry, out -> list.write(format, out), format.contentType(), "Accept", headers);
    }

    private RestResponse<Object> project(
            Registry registry, String normalised, SimpleFormat format, HttpHeaders headers) {
        var answer = registry.document(PypiEcosystem.ID, normalised, format.name(), () -> {
            var project = find(registry, normalised);
            return new ProjectPage(project, files(registry, project)).body(format);
        });
        return Answers.document(registry, answer, format.contentType(), "Accept", headers);
    }

    private RestResponse<Object> file(Registry registry, PypiPath.File of, HttpHeaders headers) throws IOException {
        boolean metadata = of.filename().endsWith(METADATA);
        var name = of.filename().substring(0, of.filename().length() - (metadata ? METADATA.length() : 0));
        var file = registry.file(PypiEcosystem.ID, of.project(), name)
                .filter(a -> a.sha256().hex().equals(of.sha256()))
                .orElseThrow(() -> new Problem.NotFound("file", of.filename()).asException());
        if (!metadata) {
            return Answers.file(registry, file, of.sha256(), headers);
        }
        var bytes = coreMetadata
                .bytes(registry, file)
                .orElseThrow(() -> new Problem.NotFound("file", of.filename()).asException());
        var fixed = Map.of(
                "Cache-Control",
                (registry.cache().open() ? "public" : "private") + ", max-age=31536000, immutable",
                "X-Content-Type-Options",
                "nosniff");
        return Sending.content(
                Content.of(bytes), NixHash.sha256(bytes).hex(), "text/plain; charset=utf-8", fixed, headers);
    }

    private RestResponse<Object> legacy(Registry registry, PypiPath.Legacy of, HttpHeaders headers) {
        var normalised = ProjectName.normalise(of.name());
        var form = "legacy " + of.version().orElse("");
        var answer = registry.document(PypiEcosystem.ID, normalised, form, () -> {
            var project = find(registry, normalised);
            var release = of.version().isPresent()
                    ? project.releases().stream()
                            .filter(r -> r.version().equals(of.version().get()))
                            .findFirst()
                    : newest(project);
            var files = registry.baseUrl() + "/registry/" + registry.cache().name() + "/pypi/files/" + normalised;
            var page = registry.baseUrl() + "/" + registry.cache().name() + "/pypi/" + normalised;
            return new LegacyJson(project, page, files)
                    .body(
                            release.orElseThrow(() -> new Problem.NotFound(
                                            "release",
                                            of.name() + " " + of.version().orElse(""))
                                    .asException()),
                            of.version().isEmpty());
        });
        return Answers.document(registry, answer, "application/json", "", headers);
    }

    private static Optional<ReleaseView> newest(PackageView project) {
        return project.releases().stream()
                .filter(r -> !r.prerelease())
                .findFirst()
                .or(() -> project.releases().stream().findFirst());
    }

    private static PackageView find(Registry registry, String normalised) {
        return registry.find(PypiEcosystem.ID, normalised)
                .orElseThrow(() -> new Problem.NotFound("project", normalised).asException());
    }

    private List<ProjectPage.File> files(Registry registry, PackageView project) {
        return project.releases().reversed().stream()
                .flatMap(release -> release.artifacts().stream()
                        .filter(Artifact::released)
                        .map(file -> file(registry, file, release.facts().manifest())))
                .toList();
    }

    private ProjectPage.File file(Registry registry, Artifact file, String manifest) {
        var seen = coreMetadata.seen(registry, file);
        return new ProjectPage.File(
                file.filename(),
                file.sha256(),
                file.length(),
                file.at(),
                seen.map(CoreMetadata.Seen::requiresPython)
                        .orElseGet(() -> Metadata.parse(manifest).requiresPython()),
                seen.map(CoreMetadata.Seen::sha256));
    }

    private static RuntimeException absent(UriInfo uri) {
        return new Problem.NotFound("address in this index", uri.getPath()).asException();
    }

    /** Relative, since only the client knows under which prefix it came. */
    private static RestResponse<Object> moved(String location) {
        return RestResponse.ResponseBuilder.<Object>create(301)
                .header("Location", location)
                .build();
    }
}
