package dev.narthex.ecosystem.pypi;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.narthex.nix.NixHash;
import dev.narthex.spi.PackageInfo;
import dev.narthex.spi.ReleaseInfo;
import dev.narthex.spi.UntrustedJson;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Renders the page of a project in the simple index: PEP 691 and its extensions up to version 1.4, or PEP 503 with the same
 * facts.
 */
record ProjectPage(PackageInfo project, List<ProjectFile> files) {
    static final String API_VERSION = "1.4";

    private static final JsonFactory JSON = UntrustedJson.factory();
    /** Relative path from the page to the index. */
    private static final String UP = "../../";

    byte[] body(SimpleFormat format) {
        return format == SimpleFormat.JSON ? json() : html().getBytes(StandardCharsets.UTF_8);
    }

    private byte[] json() {
        var status = ProjectStatus.of(project.state());
        var out = new ByteArrayOutputStream();
        try (var json = JSON.createGenerator(out)) {
            json.writeStartObject();
            json.writeObjectFieldStart("meta");
            json.writeStringField("api-version", API_VERSION);
            writeTexts(json, "tracks", status.tracks());
            json.writeEndObject();
            json.writeStringField("name", project.normalized());
            json.writeObjectFieldStart("project-status");
            json.writeStringField("status", status.status());
            writeText(json, "reason", status.reason());
            json.writeEndObject();
            writeTexts(json, "alternate-locations", status.alternateLocations());
            json.writeArrayFieldStart("versions");
            for (var version : project.releases().reversed().stream()
                    .map(ReleaseInfo::version)
                    .toList()) {
                json.writeString(version);
            }
            json.writeEndArray();
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

    private void write(JsonGenerator json, ProjectFile file) throws IOException {
        json.writeStartObject();
        json.writeStringField("filename", file.filename());
        json.writeStringField("url", UP + file.address(project.normalized()));
        writeHash(json, "hashes", file.sha256());
        writeText(json, "requires-python", file.requiresPython());
        json.writeNumberField("size", file.size());
        json.writeStringField("upload-time", file.time());
        if (file.yanked().filter(reason -> !reason.isEmpty()).isPresent()) {
            json.writeStringField("yanked", file.yanked().get());
        } else {
            json.writeBooleanField("yanked", file.yanked().isPresent());
        }
        if (file.metadata().isPresent()) {
            writeHash(json, "core-metadata", file.metadata().get());
            writeHash(json, "data-dist-info-metadata", file.metadata().get());
        }
        writeText(json, "provenance", file.provenance().orElse(""));
        json.writeEndObject();
    }

    private static void writeHash(JsonGenerator json, String name, NixHash hash) throws IOException {
        json.writeObjectFieldStart(name);
        json.writeStringField("sha256", hash.hex());
        json.writeEndObject();
    }

    private static void writeText(JsonGenerator json, String name, String text) throws IOException {
        if (!text.isEmpty()) {
            json.writeStringField(name, text);
        }
    }

    private static void writeTexts(JsonGenerator json, String name, List<String> texts) throws IOException {
        if (!texts.isEmpty()) {
            json.writeArrayFieldStart(name);
            for (var text : texts) {
                json.writeString(text);
            }
            json.writeEndArray();
        }
    }

    private String html() {
        var status = ProjectStatus.of(project.state());
        var meta = new StringBuilder(meta("project-status", status.status()));
        if (!status.reason().isEmpty()) {
            meta.append(meta("project-status-reason", status.reason()));
        }
        status.tracks().forEach(address -> meta.append(meta("tracks", address)));
        status.alternateLocations().forEach(address -> meta.append(meta("alternate-locations", address)));
        var html = new StringBuilder(head("Links for " + project.name(), meta.toString()));
        html.append("<h1>Links for ").append(escape(project.name())).append("</h1>\n");
        for (var file : files) {
            html.append("<a href=\"")
                    .append(escape(UP + file.address(project.normalized())))
                    .append("#sha256=")
                    .append(file.sha256().hex())
                    .append('"');
            if (!file.requiresPython().isEmpty()) {
                html.append(data("requires-python", file.requiresPython()));
            }
            file.metadata()
                    .ifPresent(hash -> html.append(data("core-metadata", "sha256=" + hash.hex()))
                            .append(data("dist-info-metadata", "sha256=" + hash.hex())));
            file.yanked().ifPresent(reason -> html.append(data("yanked", reason)));
            file.provenance().ifPresent(address -> html.append(data("provenance", address)));
            html.append('>').append(escape(file.filename())).append("</a><br>\n");
        }
        return html.append("</body></html>\n").toString();
    }

    private static String data(String name, String value) {
        return " data-" + name + "=\"" + escape(value) + '"';
    }

    private static String meta(String name, String content) {
        return "<meta name=\"pypi:" + name + "\" content=\"" + escape(content) + "\">";
    }

    /** @param more additional elements for the head */
    static String head(String title, String more) {
        return "<!DOCTYPE html>\n<html><head><meta charset=\"utf-8\">" + meta("repository-version", API_VERSION) + more
                + "<title>" + escape(title) + "</title></head><body>\n";
    }

    static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;")
                .replace("'", "&#39;");
    }
}
