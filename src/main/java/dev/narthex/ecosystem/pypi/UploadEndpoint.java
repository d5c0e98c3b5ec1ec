package dev.narthex.ecosystem.pypi;

import dev.narthex.http.ContentLengthCheck;
import dev.narthex.http.RawPathSegments;
import dev.narthex.nix.HashAlgorithm;
import dev.narthex.problem.Problem;
import dev.narthex.spi.PackageWriter;
import dev.narthex.spi.RegistryProvider;
import dev.narthex.spi.RegistryProvider.WriteIntent;
import dev.narthex.spi.UploadIntake;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Optional;
import org.jboss.resteasy.reactive.RestPath;

/**
 * Receives uploads from twine, flit, pdm and poetry. Before it reads the body, it checks its length and whether the caller may
 * publish anything in this cache. Once the form has named the project, it checks the right to publish that project.
 */
@Path("/registry/{cache}/pypi")
@RunOnVirtualThread
class UploadEndpoint {
    /** Both URLs that users configure. A redirect would not help: twine rejects it, after sending the whole body. */
    private static final List<List<String>> ADDRESSES = List.of(List.of(), List.of("legacy"));

    private final RegistryProvider registries;

    UploadEndpoint(RegistryProvider registries) {
        this.registries = registries;
    }

    @POST
    @Path("{path:.*}")
    @Consumes("*/*")
    public Response post(@RestPath String cache, @Context UriInfo uri, @Context HttpHeaders headers, InputStream body)
            throws IOException {
        if (!ADDRESSES.contains(RawPathSegments.of(uri).segments())) {
            registries.read(cache);
            throw Problem.notFound("address to upload to", uri.getPath());
        }
        var intake = registries.intake(cache);
        checkBody(intake, headers);
        var type = Optional.ofNullable(headers.getHeaderString(HttpHeaders.CONTENT_TYPE))
                .orElse("");
        try (var form = UploadForm.read(
                intake.admit(body), type, intake, name -> writer(cache, UploadValidation.project(Optional.of(name))))) {
            var project = UploadValidation.project(form.field(UploadForm.NAME));
            publish(writer(cache, project), project, form);
        }
        return Response.ok("", "text/plain; charset=utf-8")
                .header("Cache-Control", "no-store")
                .build();
    }

    private PackageWriter writer(String cache, String project) {
        return registries.write(cache, WriteIntent.PUBLISH, PypiEcosystem.ID, project);
    }

    private static void publish(PackageWriter writer, String project, UploadForm form) throws IOException {
        boolean fresh = writer.registry().state(PypiEcosystem.ID, project).isEmpty();
        var publication = UploadValidation.validate(form, fresh);
        var file = form.file().orElseThrow().content();
        var sha256 = file.hash(HashAlgorithm.SHA256);
        writer.publish(publication, file, target -> UploadValidation.requireFree(target, publication, sha256));
    }

    private static void checkBody(UploadIntake intake, HttpHeaders headers) {
        ContentLengthCheck.require(
                headers,
                intake.largestFile() + UploadForm.FORM_BYTES,
                () -> Problem.tooLarge(
                        "file",
                        "File too large. The limit is " + intake.largestFile() + " bytes. Nothing was published."));
    }
}
