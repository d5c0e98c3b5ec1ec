package dev.narthex.client.http;

import com.github.luben.zstd.ZstdOutputStream;
import dev.narthex.client.support.SmallNar;
import dev.narthex.nix.NarWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/** Request bodies that take the server as much CPU time as their limits allow. */
final class CpuHeavyBodies {
    private CpuHeavyBodies() {}

    static final int MIB = 1 << 20;

    static InputStream zeros(long count) {
        return new InputStream() {
            private long left = count;

            @Override
            public int read() {
                return left-- > 0 ? 0 : -1;
            }

            @Override
            public int read(byte[] bytes, int offset, int length) {
                if (left <= 0) {
                    return -1;
                }
                int n = (int) Math.min(left, length);
                java.util.Arrays.fill(bytes, offset, offset + n, (byte) 0);
                left -= n;
                return n;
            }
        };
    }

    static byte[] zstd(InputStream content) throws IOException {
        var out = new ByteArrayOutputStream();
        try (content;
                var zstd = new ZstdOutputStream(out, 1)) {
            content.transferTo(zstd);
        }
        return out.toByteArray();
    }

    static byte[] gzip(int spaces) throws IOException {
        var out = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(out)) {
            var block = " ".repeat(MIB).getBytes(StandardCharsets.US_ASCII);
            for (int written = 0; written < spaces; written += MIB) {
                gzip.write(block);
            }
        }
        return out.toByteArray();
    }

    static byte[] gzip(byte[] content) throws IOException {
        var out = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(out)) {
            gzip.write(content);
        }
        return out.toByteArray();
    }

    static byte[] members(int count, IntFunction<String> member) {
        return IntStream.range(0, count)
                .mapToObj(member)
                .collect(Collectors.joining(",", "{", "}"))
                .getBytes(StandardCharsets.US_ASCII);
    }

    static byte[] narInfo(String path) throws IOException {
        var lines = SmallNar.of(Map.of("file", "x")).narInfo(path);
        var one = path.substring("/nix/store/".length()) + " ";
        lines.put("References", one.repeat(1_000_000 / one.length()).strip());
        return SmallNar.text(lines).getBytes(StandardCharsets.US_ASCII);
    }

    static String atticInfo(String path) {
        return "{\"cache\":\"main\",\"store_path\":\"%s\",\"store_path_hash\":\"%s\",\"nar_hash\":\"sha256:%s\",\"nar_size\":%d}"
                .formatted(path, SmallNar.hashPart(path), "0".repeat(64), NarWriter.flatSize(512L * MIB));
    }

    static byte[] hashes(int count) {
        var hash = "\"" + "0".repeat(32) + "\"";
        return ("{\"cache\":\"main\",\"store_path_hashes\":[" + String.join(",", Collections.nCopies(count, hash))
                        + "]}")
                .getBytes(StandardCharsets.US_ASCII);
    }

    static byte[] lock() {
        var packages = new String(
                members(300_000, i -> "\"node_modules/p" + i + "\":{\"version\":\"1.0.0\"}"),
                StandardCharsets.US_ASCII);
        return ("{\"lockfileVersion\":3,\"packages\":" + packages + "}").getBytes(StandardCharsets.US_ASCII);
    }

    /** A document with the maximum size of metadata, and a tarball that unpacks to more than its limit. */
    static byte[] document() throws IOException {
        var metadata = new String(members(900_000, i -> "\"m" + i + "\":1"), StandardCharsets.US_ASCII);
        var tar = Base64.getEncoder().encodeToString(tgz(300));
        return ("{\"_attachments\":{\"starving-1.0.0.tgz\":{\"data\":\"" + tar + "\"}},\"more\":" + metadata + "}")
                .getBytes(StandardCharsets.US_ASCII);
    }

    static byte[] form() throws IOException {
        var wheel = new ByteArrayOutputStream();
        try (var zip = new ZipOutputStream(wheel)) {
            zip.setLevel(Deflater.BEST_SPEED);
            zip.putNextEntry(new ZipEntry("starving/data.bin"));
            write(zip, 300);
        }
        var out = new ByteArrayOutputStream();
        for (var field : List.of(
                ":action=file_upload",
                "protocol_version=1",
                "name=starving",
                "version=1.0",
                "filetype=bdist_wheel",
                "pyversion=py3",
                "metadata_version=2.1")) {
            var parts = field.split("=");
            out.writeBytes(
                    ("--x\r\nContent-Disposition: form-data; name=\"" + parts[0] + "\"\r\n\r\n" + parts[1] + "\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
        }
        out.writeBytes(
                "--x\r\nContent-Disposition: form-data; name=\"content\"; filename=\"starving-1.0-py3-none-any.whl\"\r\n\r\n"
                        .getBytes(StandardCharsets.US_ASCII));
        out.writeBytes(wheel.toByteArray());
        out.writeBytes("\r\n--x--\r\n".getBytes(StandardCharsets.US_ASCII));
        return out.toByteArray();
    }

    /** Compresses well, but not so well that it is refused as a compression bomb. */
    static void write(OutputStream out, int mib) throws IOException {
        var random = new Random(1);
        var block = new byte[4096];
        var few = new byte[20];
        for (int written = 0; written < mib * 256; written++) {
            random.nextBytes(few);
            System.arraycopy(few, 0, block, 0, few.length);
            out.write(block);
        }
    }

    static byte[] tgz(int mib) throws IOException {
        var out = new ByteArrayOutputStream();
        try (var tar = new TarArchiveOutputStream(new GZIPOutputStream(out))) {
            var entry = new TarArchiveEntry("package/data.bin");
            entry.setSize((long) mib * MIB);
            tar.putArchiveEntry(entry);
            write(tar, mib);
            tar.closeArchiveEntry();
        }
        return out.toByteArray();
    }
}
