package dev.narthex.ecosystem.pypi;

import dev.narthex.content.Content;
import dev.narthex.content.Sending;
import dev.narthex.ecosystem.Answers;
import dev.narthex.ecosystem.Prepared;
import dev.narthex.ecosystem.RawPath;
import dev.narthex.nix.NixHash;
import dev.narthex.problem.Problem;
import dev.narthex.spi.Artifact;
import dev.narthex.spi.PackageView;
import dev.narthex.spi.Registries;
import dev.narthex.spi.Registry;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.UriInfo;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
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
    private final Prepared prepared;
    private final CoreMetadata coreMetadata;

    SimpleEndpoint(Registries registries, Prepared prepared, CoreMetadata coreMetadata) {
        this.registries = registries;
        this.prepared = prepared;
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
        var path = RawPath.of(uri);
        var at = path.segments();
        if (at.size() == 4 && at.getFirst().equals("files")) {
            return file(registry, at.get(1), at.get(2), at.get(3), headers);
        }
        if (at.isEmpty() || (at.getFirst().equals("simple") && at.size() <= 2)) {
            var page = Answers.page(registry, page(at), headers);
            if (page.isPresent()) {
                return page.get();
            }
        }
        if (at.isEmpty() || !at.getFirst().equals("simple") || at.size() > 2) {
            throw new Problem.NotFound("address in this index", uri.getPath()).asException();
        }
        var chosen = SimpleFormat.choose(Optional.ofNullable(headers.getHeaderString("Accept")), format)
                .orElseThrow(() -> new Problem.NotAcceptable("A page is JSON or HTML, see PEP 691 for their types.")
                        .asException());
        if (at.size() == 1) {
            return path.slash() ? projects(registry, chosen, headers) : moved("simple/");
        }
        var normalised = ProjectName.normalise(at.get(1));
        if (!ProjectName.valid(at.get(1))) {
            throw new Problem.NotFound("project", at.get(1)).asException();
        }
        if (!path.slash() || !normalised.equals(at.get(1))) {
            return moved((path.slash() ? "../" : "") + normalised + "/");
        }
        return project(registry, normalised, chosen, headers);
    }

    private RestResponse<Object> projects(Registry registry, SimpleFormat format, HttpHeaders headers) {
        var mark = registry.revision() + " " + registry.cache().id() + " " + format;
        var etag = "\"" + NixHash.sha256(mark.getBytes(StandardCharsets.UTF_8)).nix32() + "\"";
        var fixed = Map.of(
                "Vary",
                "Accept",
                "Cache-Control",
                registry.cache().open() ? "public, max-age=60" : "private, no-cache");
        if (Sending.matches(headers.getHeaderString("If-None-Match"), etag)) {
            return Sending.notModified(etag, fixed);
        }
        var answer = RestResponse.ResponseBuilder.<Object>ok(
                        Sending.paced(out -> new ProjectList(registry).write(format, out)))
                .header("Content-Type", format.contentType())
                .header("ETag", etag);
        fixed.forEach(answer::header);
        return answer.build();
    }

    private RestResponse<Object> project(
            Registry registry, String normalised, SimpleFormat format, HttpHeaders headers) {
        var answer = prepared.get(registry, PypiEcosystem.ID, normalised, format.name(), () -> {
            var project = registry.find(PypiEcosystem.ID, normalised)
                    .orElseThrow(() -> new Problem.NotFound("project", normalised).asException());
            return new ProjectPage(project, files(registry, project)).body(format);
        });
        return Answers.document(registry, answer, format.contentType(), "Accept", headers);
    }

    private RestResponse<Object> file(
            Registry registry, String project, String sha256, String filename, HttpHeaders headers) throws IOException {
        boolean metadata = filename.endsWith(METADATA);
        var name = metadata ? filename.substring(0, filename.length() - METADATA.length()) : filename;
        var file = registry.file(PypiEcosystem.ID, ProjectName.normalise(project), name)
                .filter(a -> a.sha256().hex().equals(sha256))
                .orElseThrow(() -> new Problem.NotFound("file", filename).asException());
        if (!metadata) {
            return Answers.file(registry, file, sha256, headers);
        }
        var bytes = coreMetadata
                .bytes(registry, file)
                .orElseThrow(() -> new Problem.NotFound("file", filename).asException());
        var fixed = Map.of(
                "Cache-Control",
                (registry.cache().open() ? "public" : "private") + ", max-age=31536000, immutable",
                "X-Content-Type-Options",
                "nosniff");
        return Sending.content(
                Content.of(bytes), NixHash.sha256(bytes).hex(), "text/plain; charset=utf-8", fixed, headers);
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

    private static String page(List<String> at) {
        return at.size() < 2
                ? "pypi"
                : "pypi/" + ProjectName.normalise(at.get(1)).replaceAll("[^a-z0-9-]", "");
    }

    /** Relative, since only the client knows under which prefix it came. */
    private static RestResponse<Object> moved(String location) {
        return RestResponse.ResponseBuilder.<Object>create(301)
                .header("Location", location)
                .build();
    }
}
