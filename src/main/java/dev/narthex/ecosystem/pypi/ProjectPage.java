package dev.narthex.ecosystem.pypi;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.narthex.nix.NixHash;
import dev.narthex.spi.PackageView;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Optional;

/** The page of a project in the simple index: PEP 691 and its additions up to version 1.4, or PEP 503. */
record ProjectPage(PackageView project, List<File> files) {
    static final String API_VERSION = "1.4";

    private static final JsonFactory JSON = new JsonFactory();
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);

    /**
     * One file.
     *
     * @param metadata SHA-256 of its METADATA, if that is served beside it
     */
    record File(
            String filename,
            NixHash sha256,
            long size,
            Instant at,
            String requiresPython,
            Optional<NixHash> metadata) {}

    byte[] body(SimpleFormat format) {
        return format == SimpleFormat.JSON ? json() : html().getBytes(StandardCharsets.UTF_8);
    }

    private byte[] json() {
        var out = new ByteArrayOutputStream();
        try (var json = JSON.createGenerator(out)) {
            json.writeStartObject();
            json.writeObjectFieldStart("meta");
            json.writeStringField("api-version", API_VERSION);
            json.writeEndObject();
            json.writeStringField("name", project.normalised());
            json.writeArrayFieldStart("versions");
            for (var release : project.releases().reversed()) {
                json.writeString(release.version());
            }
            json.writeEndArray();
            json.writeObjectFieldStart("project-status");
            json.writeStringField("status", "active");
            json.writeEndObject();
            json.writeArrayFieldStart("files");
            for (var file : files) {
                write(json, file);
            }
            json.writeEndArray();
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    private void write(JsonGenerator json, File file) throws IOException {
        json.writeStartObject();
        json.writeStringField("filename", file.filename());
        json.writeStringField("url", url(file));
        writeHash(json, "hashes", file.sha256());
        if (!file.requiresPython().isEmpty()) {
            json.writeStringField("requires-python", file.requiresPython());
        }
        json.writeNumberField("size", file.size());
        json.writeStringField("upload-time", TIME.format(file.at()));
        json.writeBooleanField("yanked", false);
        if (file.metadata().isPresent()) {
            writeHash(json, "core-metadata", file.metadata().get());
            writeHash(json, "data-dist-info-metadata", file.metadata().get());
        }
        json.writeEndObject();
    }

    private static void writeHash(JsonGenerator json, String name, NixHash hash) throws IOException {
        json.writeObjectFieldStart(name);
        json.writeStringField("sha256", hash.hex());
        json.writeEndObject();
    }

    private String html() {
        var html = new StringBuilder(head("Links for " + project.name()));
        html.append("<h1>Links for ").append(escape(project.name())).append("</h1>\n");
        for (var file : files) {
            html.append("<a href=\"")
                    .append(escape(url(file)))
                    .append("#sha256=")
                    .append(file.sha256().hex())
                    .append('"');
            if (!file.requiresPython().isEmpty()) {
                html.append(" data-requires-python=\"")
                        .append(escape(file.requiresPython()))
                        .append('"');
            }
            file.metadata().ifPresent(hash -> {
                html.append(" data-core-metadata=\"sha256=").append(hash.hex()).append('"');
                html.append(" data-dist-info-metadata=\"sha256=")
                        .append(hash.hex())
                        .append('"');
            });
            html.append('>').append(escape(file.filename())).append("</a><br>\n");
        }
        return html.append("</body></html>\n").toString();
    }

    static String head(String title) {
        return "<!DOCTYPE html>\n<html><head><meta charset=\"utf-8\"><meta name=\"pypi:repository-version\" content=\""
                + API_VERSION + "\"><title>" + escape(title) + "</title></head><body>\n";
    }

    static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;")
                .replace("'", "&#39;");
    }

    static String time(Instant at) {
        return TIME.format(at);
    }

    /** As a segment of an address. */
    static String encode(String filename) {
        return URLEncoder.encode(filename, StandardCharsets.UTF_8).replace("+", "%20");
    }

    /** Relative to the page, so that it holds under any host and prefix. */
    private String url(File file) {
        return "../../files/" + project.normalised() + "/" + file.sha256().hex() + "/" + encode(file.filename());
    }
}
