package dev.narthex.ecosystem.pypi;

import com.fasterxml.jackson.core.JsonFactory;
import dev.narthex.spi.Registry;
import dev.narthex.spi.Registry.PackageName;
import dev.narthex.spi.UntrustedJson;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Streams the list of all projects, since it may be long and is rarely requested. */
record ProjectList(Registry registry) {
    private static final JsonFactory JSON = UntrustedJson.factory();
    private static final int AT_ONCE = 1000;

    void write(SimpleFormat format, OutputStream out) throws IOException {
        if (format == SimpleFormat.JSON) {
            json(out);
        } else {
            html(out);
        }
    }

    private void json(OutputStream out) throws IOException {
        try (var json = JSON.createGenerator(out)) {
            json.writeStartObject();
            json.writeObjectFieldStart("meta");
            json.writeStringField("api-version", ProjectPage.API_VERSION);
            json.writeEndObject();
            json.writeArrayFieldStart("projects");
            for (var names = next("");
                    !names.isEmpty();
                    names = next(names.getLast().normalized())) {
                for (var name : names) {
                    json.writeStartObject();
                    json.writeStringField("name", name.name());
                    json.writeEndObject();
                }
            }
            json.writeEndArray();
            json.writeEndObject();
        }
    }

    private void html(OutputStream out) throws IOException {
        out.write(ProjectPage.head("Simple index", "").getBytes(StandardCharsets.UTF_8));
        for (var names = next("");
                !names.isEmpty();
                names = next(names.getLast().normalized())) {
            var lines = new StringBuilder();
            for (var name : names) {
                lines.append("<a href=\"")
                        .append(ProjectPage.escape(name.normalized()))
                        .append("/\">")
                        .append(ProjectPage.escape(name.name()))
                        .append("</a><br>\n");
            }
            out.write(lines.toString().getBytes(StandardCharsets.UTF_8));
        }
        out.write("</body></html>\n".getBytes(StandardCharsets.UTF_8));
    }

    private List<PackageName> next(String after) {
        return registry.names(PypiEcosystem.ID, after, AT_ONCE);
    }
}
