package dev.narthex.client.support;

import dev.narthex.nix.HashAlgorithm;
import dev.narthex.nix.NarWriter;
import dev.narthex.nix.Nix32;
import dev.narthex.nix.NixHash;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** A NAR of one folder of small files, with its narinfo. */
public record SmallNar(byte[] bytes) {
    /** @param files by name, as bytes in ISO 8859-1 */
    public static SmallNar of(Map<String, String> files) throws IOException {
        SortedMap<String, String> sorted =
                new TreeMap<>(files); // one character is one byte, so the map has the order of the bytes
        var out = new ByteArrayOutputStream();
        try (var nar = new NarWriter(out)) {
            nar.start();
            nar.directory(new byte[0]);
            for (var file : sorted.entrySet()) {
                var content = file.getValue().getBytes(StandardCharsets.UTF_8);
                nar.regular(
                        file.getKey().getBytes(StandardCharsets.ISO_8859_1),
                        false,
                        content.length,
                        new ByteArrayInputStream(content));
            }
            nar.endDirectory();
        }
        return new SmallNar(out.toByteArray());
    }

    /** Returns a NAR of a single file. */
    public static SmallNar flat(byte[] file) throws IOException {
        return new SmallNar(
                NarWriter.flat(file.length, new ByteArrayInputStream(file)).readAllBytes());
    }

    /** Returns the name under which nix uploads the bytes. */
    public static String fileName(byte[] file) {
        return NixHash.sha256(file).nix32() + ".nar";
    }

    /** Returns a store path with this name, equal for each call. */
    public static String path(String name) {
        var hash = HashAlgorithm.SHA256.newDigest().digest(name.getBytes(StandardCharsets.UTF_8));
        return "/nix/store/" + Nix32.encode(Arrays.copyOf(hash, 20)) + "-" + name;
    }

    public static String hashPart(String path) {
        return path.substring("/nix/store/".length()).substring(0, 32);
    }

    /** Returns the lines of a narinfo by key, for tests to change. */
    public Map<String, String> narInfo(String path) {
        var lines = new LinkedHashMap<String, String>();
        lines.put("StorePath", path);
        lines.put("URL", "nar/" + fileName(bytes));
        lines.put("Compression", "none");
        lines.put("NarHash", NixHash.sha256(bytes).toString());
        lines.put("NarSize", Integer.toString(bytes.length));
        lines.put("References", "");
        return lines;
    }

    public static String text(Map<String, String> lines) {
        var text = new StringBuilder();
        lines.forEach(
                (key, value) -> text.append(key).append(": ").append(value).append('\n'));
        return text.toString();
    }
}
