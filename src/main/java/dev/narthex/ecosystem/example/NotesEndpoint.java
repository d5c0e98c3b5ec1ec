package dev.narthex.ecosystem.example;

import dev.narthex.ecosystem.Answers;
import dev.narthex.problem.Problem;
import dev.narthex.spi.Registries;
import dev.narthex.spi.Registry.PackageName;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import java.io.IOException;
import java.util.stream.Collectors;
import org.jboss.resteasy.reactive.RestPath;
import org.jboss.resteasy.reactive.RestResponse;

/** The list of notes, one name on a line, and each note by its file name. */
@Path("/registry/{cache}/example")
@RunOnVirtualThread
class NotesEndpoint {
    private static final int LISTED = 1000;

    private final Registries registries;

    NotesEndpoint(Registries registries) {
        this.registries = registries;
    }

    @GET
    @Produces("text/plain; charset=utf-8")
    public String list(@RestPath String cache) {
        return registries.read(cache).names(ExampleEcosystem.ID, "", LISTED).stream()
                .map(PackageName::name)
                .collect(Collectors.joining("\n", "", "\n"));
    }

    @GET
    @Path("{filename}")
    public RestResponse<Object> note(@RestPath String cache, @RestPath String filename, @Context HttpHeaders headers)
            throws IOException {
        var registry = registries.read(cache); // asks for the right, before anything is looked up
        int dash = filename.lastIndexOf('-');
        var file = registry.file(ExampleEcosystem.ID, filename.substring(0, Math.max(dash, 0)), filename)
                .orElseThrow(() -> new Problem.NotFound("note", filename).asException());
        return Answers.file(registry, file, file.sha256().hex(), headers);
    }
}
