package dev.narthex.ecosystem.npm;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.narthex.ecosystem.support.ArchiveFixture;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;

/** A publish document as clients send it, and variations of it. */
public final class PublishRequestFixture {
    private static final ObjectMapper JSON = new ObjectMapper();

    final String name;
    final String version;
    final byte[] tarball;
    final ObjectNode document;

    private PublishRequestFixture(String name, String version, byte[] tarball, ObjectNode document) {
        this.name = name;
        this.version = version;
        this.tarball = tarball;
        this.document = document;
    }

    /** Returns a valid document whose bytes depend on name and version. */
    public static PublishRequestFixture of(String name, String version) {
        return of(name, version, Map.of());
    }

    /** @param files of the tarball in addition to its package.json, or replacing it */
    public static PublishRequestFixture of(String name, String version, Map<String, String> files) {
        var all = new LinkedHashMap<String, String>();
        all.put("package/package.json", packageJson(name, version).toString());
        all.put("package/index.js", "module.exports = '" + name + " " + version + "'\n");
        all.putAll(files);
        return of(name, version, ArchiveFixture.tgz(all));
    }

    public static PublishRequestFixture of(String name, String version, byte[] tarball) {
        var document = JSON.createObjectNode().put("_id", name).put("name", name);
        document.putObject("dist-tags").put("latest", version);
        var manifest = packageJson(name, version).put("_id", name + "@" + version);
        manifest.putObject("dist")
                .put("integrity", "sha512-" + Base64.getEncoder().encodeToString(digest("SHA-512", tarball)))
                .put("shasum", HexFormat.of().formatHex(digest("SHA-1", tarball)))
                .put("tarball", "http://127.0.0.1/" + name + "/-/" + name + "-" + version + ".tgz");
        document.putObject("versions").set(version, manifest);
        document.put("access", "public");
        document.putObject("_attachments")
                .putObject(name + "-" + version + ".tgz")
                .put("content_type", "application/octet-stream")
                .put("data", Base64.getEncoder().encodeToString(tarball))
                .put("length", tarball.length);
        return new PublishRequestFixture(name, version, tarball, document);
    }

    private static ObjectNode packageJson(String name, String version) {
        var json = JSON.createObjectNode().put("name", name).put("version", version);
        json.putObject("dependencies").put("mast", "^1.0.0");
        json.putObject("scripts").put("test", "node test.js");
        json.putObject("bin").put("oar", "index.js");
        return json.put("description", "A part of a boat");
    }

    static byte[] digest(String algorithm, byte[] bytes) {
        try {
            return MessageDigest.getInstance(algorithm).digest(bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    PublishRequestFixture with(Consumer<ObjectNode> change) {
        change.accept(document);
        return this;
    }

    ObjectNode manifest() {
        return (ObjectNode) document.path("versions").path(version);
    }

    ObjectNode attachment() {
        return (ObjectNode) document.path("_attachments").elements().next();
    }

    PublishRequestFixture withManifest(Consumer<ObjectNode> change) {
        change.accept(manifest());
        return this;
    }

    public byte[] tarball() {
        return tarball.clone();
    }

    public String body() {
        try {
            return JSON.writeValueAsString(document);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}
