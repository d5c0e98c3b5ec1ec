package dev.narthex.ecosystem.pypi;

import dev.narthex.ecosystem.support.ArchiveFixture;
import dev.narthex.nix.NixHash;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** An upload form as clients send it, and variations of it. */
public final class UploadFormFixture {
    public static final String BOUNDARY = "f0f1e2d3c4";

    /** @param headers besides the name; such as {@code ; filename="x"} */
    private record Part(String name, String more, byte[] content) {}

    final String filename;
    final byte[] file;
    private final List<Part> parts = new ArrayList<>();

    private UploadFormFixture(String filename, byte[] file) {
        this.filename = filename;
        this.file = file;
    }

    /** Returns a valid form whose bytes depend on name and version. */
    public static UploadFormFixture wheel(String name, String version) {
        return wheel(name, version, "", Map.of());
    }

    /** @param files in the wheel in addition to its own, or replacing them */
    public static UploadFormFixture wheel(String name, String version, String metadata, Map<String, String> files) {
        return of(
                name,
                version,
                name + "-" + version + "-py3-none-any.whl",
                ArchiveFixture.wheel(name, version, metadata, files));
    }

    public static UploadFormFixture sdist(String name, String version) {
        return sdist(name, version, Map.of());
    }

    public static UploadFormFixture sdist(String name, String version, Map<String, String> files) {
        var root = name + "-" + version + "/";
        var all = new LinkedHashMap<String, String>();
        all.put(root + "PKG-INFO", "Metadata-Version: 2.1\nName: " + name + "\nVersion: " + version + "\n");
        all.putAll(files);
        return of(name, version, name + "-" + version + ".tar.gz", ArchiveFixture.tgz(all));
    }

    /** Fields in the order of twine. */
    public static UploadFormFixture of(String name, String version, String filename, byte[] file) {
        boolean wheel = filename.endsWith(".whl");
        return new UploadFormFixture(filename, file)
                .field("version", version)
                .field("classifiers", "Programming Language :: Python :: 3")
                .field("classifiers", "Topic :: Software Development")
                .field("name", name.replace('_', '-'))
                .field("metadata_version", "2.4")
                .field("description", "Ünïcode\r\n--" + BOUNDARY.substring(1) + "\r\n")
                .field("pyversion", wheel ? "py3" : "source")
                .field("filetype", wheel ? "bdist_wheel" : "sdist")
                .field("sha256_digest", NixHash.sha256(file).hex())
                .field("md5_digest", md5(file))
                .field("blake2_256_digest", blake2(file))
                .field(":action", "file_upload")
                .field("protocol_version", "1")
                .file(filename, file);
    }

    /** Without any field. */
    public static UploadFormFixture empty(String filename, byte[] file) {
        return new UploadFormFixture(filename, file);
    }

    public UploadFormFixture field(String name, String value) {
        parts.add(new Part(name, "", value.getBytes(StandardCharsets.UTF_8)));
        return this;
    }

    public UploadFormFixture file(String name, byte[] content) {
        parts.add(
                new Part("content", "; filename=\"" + name + "\"\r\nContent-Type: application/octet-stream", content));
        return this;
    }

    /** Fields as flit sends them. */
    public UploadFormFixture untyped(String name, byte[] content) {
        parts.add(new Part("content", "; filename=\"" + name + "\"", content));
        return this;
    }

    public UploadFormFixture without(String name) {
        parts.removeIf(part -> part.name.equals(name));
        return this;
    }

    /** Replaces a field. */
    public UploadFormFixture with(String name, String value) {
        return without(name).field(name, value);
    }

    public UploadFormFixture named(String otherFilename) {
        return without("content").file(otherFilename, file);
    }

    public byte[] body() {
        var out = new ByteArrayOutputStream();
        for (var part : parts) {
            text(
                    out,
                    "--" + BOUNDARY + "\r\nContent-Disposition: form-data; name=\"" + part.name + "\"" + part.more
                            + "\r\n\r\n");
            out.writeBytes(part.content);
            text(out, "\r\n");
        }
        text(out, "--" + BOUNDARY + "--\r\n");
        return out.toByteArray();
    }

    private static void text(ByteArrayOutputStream out, String text) {
        out.writeBytes(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String blake2(byte[] bytes) {
        var digest = new Blake2b();
        digest.update(bytes, 0, bytes.length);
        return HexFormat.of().formatHex(digest.digest());
    }

    static String md5(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
