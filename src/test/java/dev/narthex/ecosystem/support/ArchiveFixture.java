package dev.narthex.ecosystem.support;

import dev.narthex.archive.CountingSourceStream;
import dev.narthex.nix.NixHash;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.LocalDateTime;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/** Archives created with another library. */
public final class ArchiveFixture {
    private ArchiveFixture() {}

    public static byte[] tgz(Map<String, String> files) {
        return gzip(tar(files));
    }

    public static byte[] tar(Map<String, String> files) {
        return tar(tar -> files.forEach((path, text) -> put(tar, new TarArchiveEntry(path, true), text)));
    }

    public static byte[] tar(Consumer<TarArchiveOutputStream> content) {
        var out = new ByteArrayOutputStream();
        try (var tar = new TarArchiveOutputStream(out)) {
            tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
            content.accept(tar);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    public static void put(TarArchiveOutputStream tar, TarArchiveEntry entry, String text) {
        try {
            var bytes = text.getBytes(StandardCharsets.UTF_8);
            entry.setSize(bytes.length);
            entry.setModTime(978_307_200_000L); // 2001-01-01: the same bytes at every call
            tar.putArchiveEntry(entry);
            tar.write(bytes);
            tar.closeArchiveEntry();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static byte[] gzip(byte[] content) {
        var out = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(out)) {
            gzip.write(content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    /** With sizes after the files, like a zip written to a pipe. */
    public static byte[] zip(Map<String, String> files) {
        var out = new ByteArrayOutputStream();
        try (var zip = new ZipOutputStream(out)) {
            for (var file : files.entrySet()) {
                var entry = new ZipEntry(file.getKey());
                entry.setTimeLocal(LocalDateTime.of(2001, 1, 1, 0, 0)); // the same bytes at every call
                zip.putNextEntry(entry);
                zip.write(file.getValue().getBytes(StandardCharsets.UTF_8));
                zip.closeEntry();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    /** A small wheel; METADATA is given without its first lines. */
    public static byte[] wheel(String name, String version, String metadata) {
        return wheel(name, version, metadata, Map.of());
    }

    /** @param more files in addition to its own, or replacing them */
    public static byte[] wheel(String name, String version, String metadata, Map<String, String> more) {
        var info = name + "-" + version + ".dist-info/";
        var files = new LinkedHashMap<String, String>();
        files.put(name + "/__init__.py", "VERSION = '" + version + "'\n");
        files.put(
                info + "METADATA", "Metadata-Version: 2.4\nName: " + name + "\nVersion: " + version + "\n" + metadata);
        files.put(info + "WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n");
        files.putAll(more);
        files.putIfAbsent(info + "RECORD", record(files) + info + "RECORD,,\n");
        return zip(files);
    }

    /** The lines of a RECORD for these files. */
    public static String record(Map<String, String> files) {
        var lines = new StringBuilder();
        files.forEach((path, text) -> {
            if (!path.endsWith("/")) {
                var bytes = text.getBytes(StandardCharsets.UTF_8);
                var hash = Base64.getUrlEncoder()
                        .withoutPadding()
                        .encodeToString(NixHash.sha256(bytes).bytes());
                var quoted = path.contains(",") || path.contains("\"") ? '"' + path.replace("\"", "\"\"") + '"' : path;
                lines.append(quoted + ",sha256=" + hash + "," + bytes.length + "\n");
            }
        });
        return lines.toString();
    }

    public static CountingSourceStream source(byte[] bytes) {
        return new CountingSourceStream(new ByteArrayInputStream(bytes));
    }
}
