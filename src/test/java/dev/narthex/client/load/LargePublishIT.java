package dev.narthex.client.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.client.support.DataFolders;
import dev.narthex.client.support.SeededInputStream;
import dev.narthex.client.support.Server;
import dev.narthex.nix.ContentAddress;
import dev.narthex.nix.HashAlgorithm;
import dev.narthex.nix.NixHash;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Publishes a large file with a small heap, and downloads it by the URLs of its registry and of nix. */
class LargePublishIT {
    private static final long MIB = 1L << 20;
    private static final String MANIFEST = "{\"name\":\"heavy\",\"version\":\"1.0.0\"}";

    private static final String PART = "--b\r\nContent-Disposition: form-data; name=\"";

    @TempDir
    Path scratch;

    @Test
    void publishesOf64MiBFitIntoASmallHeap() throws Exception {
        // about 360 MiB are used: the limit has no room for a file
        inASmallHeap("-Xmx160m", 400 * MIB, tarball(64 * MIB), sourceDistribution(64 * MIB));
    }

    @Test
    @Tag("long")
    void tarballOf500MiBFitsIntoASmallHeap() throws Exception {
        inASmallHeap("-Xmx256m", 600 * MIB, tarball(500 * MIB));
    }

    @Test
    @Tag("long")
    void sourceDistributionOf500MiBFitsIntoASmallHeap() throws Exception {
        inASmallHeap("-Xmx256m", 600 * MIB, sourceDistribution(500 * MIB));
    }

    /**
     * @param request that publishes it
     * @param address at which its registry serves it
     */
    private record Publication(Path file, Request request, String address) {}

    private interface Request {
        HttpRequest.Builder to(Server server) throws IOException;
    }

    private Publication tarball(long size) throws Exception {
        var tarball = scratch.resolve("heavy-1.0.0.tgz");
        make(tarball, "package/package.json", MANIFEST, size);
        var sha512 = sha512(Files.newInputStream(tarball));
        var document = scratch.resolve("document.json");
        write(document, tarball, sha512);
        return new Publication(
                tarball,
                server -> server.authorized("/registry/main/npm/heavy")
                        .header("Content-Type", "application/json")
                        .PUT(BodyPublishers.ofFile(document)),
                "/registry/main/npm/heavy/-/heavy-1.0.0.tgz");
    }

    private Publication sourceDistribution(long size) throws Exception {
        var sdist = scratch.resolve("heavy-1.0.tar.gz");
        make(sdist, "heavy-1.0/PKG-INFO", "Metadata-Version: 2.1\nName: heavy\nVersion: 1.0\n", size);
        var sha256 = digest(HashAlgorithm.SHA256, Files.newInputStream(sdist));
        var form = scratch.resolve("form");
        try (var out = Files.newOutputStream(form)) {
            for (var field : List.of("name=heavy", "version=1.0", "filetype=sdist", "sha256_digest=" + sha256.hex())) {
                text(
                        out,
                        PART + field.replaceFirst("=.*", "") + "\"\r\n\r\n" + field.replaceFirst(".*?=", "") + "\r\n");
            }
            text(out, PART + "content\"; filename=\"heavy-1.0.tar.gz\"\r\n\r\n");
            Files.copy(sdist, out);
            text(out, "\r\n--b--\r\n");
        }
        return new Publication(
                sdist,
                server -> server.authorized("/registry/main/pypi/legacy/")
                        .header("Content-Type", "multipart/form-data; boundary=b")
                        .POST(BodyPublishers.ofFile(form)),
                "/registry/main/pypi/files/heavy/" + sha256.hex() + "/heavy-1.0.tar.gz");
    }

    /**
     * @param heap JVM option
     * @param limit of the peak of resident memory, in bytes
     */
    private static void inASmallHeap(String heap, long limit, Publication... publications) throws Exception {
        var data = Server.folder();
        try (var server = Server.start(data, heap, "-XX:+UseSerialGC")) {
            for (var publication : publications) {
                publishAndFetch(server, publication);
                long peak = server.peakMemory();
                assertTrue(peak < limit, () -> publication.file() + ": peak memory was " + peak / MIB + " MiB");
            }
        } finally {
            DataFolders.delete(data);
        }
    }

    private static void publishAndFetch(Server server, Publication publication) throws Exception {
        var file = publication.file();
        var sha512 = sha512(Files.newInputStream(file));
        long before = server.peakMemory();
        long began = System.nanoTime();
        var answer = server.http.send(publication.request().to(server).build(), BodyHandlers.ofString());
        assertEquals(2, answer.statusCode() / 100, answer.body());
        long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - began);
        assertEquals(sha512, fetched(server, publication.address()));
        var path = new ContentAddress.Fixed(false, sha512)
                .storePath(file.getFileName().toString());
        var info = server.http.send(
                server.request("/main/" + path.hash() + ".narinfo").build(), BodyHandlers.ofString());
        assertEquals(200, info.statusCode());
        try (var spool = Files.list(server.data().resolve("spool"))) {
            assertEquals(0, spool.count(), "files that were sent are left");
        }
        System.out.printf(
                "large file: %d MiB published in %d s, peak memory %d MiB before, %d MiB after%n",
                Files.size(file) / MIB, seconds, before / MIB, server.peakMemory() / MIB);
    }

    private static void make(Path tarball, String name, String manifest, long size) throws IOException {
        try (var tar = new TarArchiveOutputStream(new GZIPOutputStream(Files.newOutputStream(tarball), 1 << 16))) {
            put(tar, name, manifest.length(), InputStream.nullInputStream());
            tar.write(manifest.getBytes(StandardCharsets.UTF_8));
            tar.closeArchiveEntry();
            try (var noise = new SeededInputStream(7, size, block -> true)) {
                put(tar, name.replaceFirst("/.*", "/noise.bin"), size, noise);
            }
            tar.closeArchiveEntry();
        }
    }

    private static void put(TarArchiveOutputStream tar, String name, long size, InputStream content)
            throws IOException {
        var entry = new TarArchiveEntry(name);
        entry.setSize(size);
        tar.putArchiveEntry(entry);
        content.transferTo(tar);
    }

    /** Publishes like npm. */
    private static void write(Path document, Path tarball, NixHash sha512) throws IOException {
        try (var out = Files.newOutputStream(document)) {
            text(
                    out,
                    "{\"_id\":\"heavy\",\"name\":\"heavy\",\"dist-tags\":{\"latest\":\"1.0.0\"},\"versions\":{\"1.0.0\":"
                            + MANIFEST.replaceFirst("}$", ",\"dist\":{\"integrity\":\"" + sha512.sri() + "\"}}")
                            + "},\"_attachments\":{\"heavy-1.0.0.tgz\":{\"length\":" + Files.size(tarball)
                            + ",\"data\":\"");
            // closing the encoder writes its last digits, and would close the file
            try (var in = Files.newInputStream(tarball);
                    var digits = Base64.getEncoder().wrap(new Open(out))) {
                in.transferTo(digits);
            }
            text(out, "\"}}}");
        }
    }

    private static final class Open extends FilterOutputStream {
        Open(OutputStream out) {
            super(out);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            out.write(bytes, offset, length);
        }

        @Override
        public void close() {}
    }

    private static void text(OutputStream out, String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.UTF_8));
    }

    private static NixHash fetched(Server server, String path) throws Exception {
        var answer = server.http.send(server.request(path).build(), BodyHandlers.ofInputStream());
        assertEquals(200, answer.statusCode());
        return sha512(answer.body());
    }

    private static NixHash sha512(InputStream content) throws IOException {
        return digest(HashAlgorithm.SHA512, content);
    }

    private static NixHash digest(HashAlgorithm algorithm, InputStream content) throws IOException {
        try (var digest = new DigestInputStream(content, algorithm.newDigest())) {
            digest.transferTo(OutputStream.nullOutputStream());
            return NixHash.of(algorithm, digest.getMessageDigest().digest());
        }
    }
}
