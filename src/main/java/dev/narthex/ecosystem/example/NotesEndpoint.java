package dev.narthex.ecosystem.example;

import dev.narthex.ecosystem.RegistryResponses;
import dev.narthex.problem.Problem;
import dev.narthex.spi.Registry;
import dev.narthex.spi.RegistryProvider;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import org.jboss.resteasy.reactive.RestPath;
import org.jboss.resteasy.reactive.RestResponse;

/**
 * Serves the list of notes, one name per line, and each note by its file name. {@link RegistryResponses} implements HEAD,
 * ranges and 304.
 */
@Path("/registry/{cache}/example")
@RunOnVirtualThread
class NotesEndpoint {
    private static final int AT_ONCE = 1000;

    private final RegistryProvider registries;

    NotesEndpoint(RegistryProvider registries) {
        this.registries = registries;
    }

    @GET
    public RestResponse<Object> list(@RestPath String cache, @Context HttpHeaders headers) {
        var registry = registries.read(cache); // checks permissions before anything is looked up
        return RegistryResponses.page(registry, ExampleEcosystem.ID, headers)
                .orElseGet(() -> RegistryResponses.listing(
                        registry,
                        out -> write(registry, out),
                        Note.TYPE + "; charset=utf-8",
                        "Sec-Fetch-Mode",
                        headers));
    }

    @GET
    @Path("{filename}")
    public RestResponse<Object> note(@RestPath String cache, @RestPath String filename, @Context HttpHeaders headers)
            throws IOException {
        var registry = registries.read(cache);
        var file = Note.name(filename)
                .flatMap(name -> registry.file(ExampleEcosystem.ID, name, filename))
                .orElseThrow(() -> Problem.notFound("note", filename));
        return RegistryResponses.file(registry, file, file.sha256().hex(), headers);
    }

    /** Reads names in pages, so that memory does not grow with the number of notes. */
    private static void write(Registry registry, OutputStream out) throws IOException {
        for (var names = registry.names(ExampleEcosystem.ID, "", AT_ONCE);
                !names.isEmpty();
                names = registry.names(ExampleEcosystem.ID, names.getLast().normalized(), AT_ONCE)) {
            for (var name : names) {
                out.write((name.name() + "\n").getBytes(StandardCharsets.UTF_8));
            }
        }
    }
}
