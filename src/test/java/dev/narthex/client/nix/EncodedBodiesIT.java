package dev.narthex.client.nix;

import static dev.narthex.client.support.NixPushClient.assertRefused;
import static dev.narthex.client.support.SharedServer.CORPUS;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.aayushatharva.brotli4j.Brotli4jLoader;
import com.aayushatharva.brotli4j.encoder.BrotliOutputStream;
import com.github.luben.zstd.ZstdOutputStream;
import dev.narthex.client.support.NixPushClient;
import dev.narthex.client.support.RawResponse;
import dev.narthex.client.support.ServerDatabase;
import dev.narthex.client.support.SharedServer;
import dev.narthex.client.support.SmallNar;
import dev.narthex.nix.Compression;
import dev.narthex.nix.Compression.CompressionFormat;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZInputStream;
import org.tukaani.xz.XZOutputStream;

/** narinfos, listings and logs compressed as by nix since 2.32 ({@code narinfo-compression} and similar settings). */
class EncodedBodiesIT {
    private static final String CACHE = "encoded";
    private static final SharedServer SHARED = SharedServer.instance();
    private static final NixPushClient PUSH = new NixPushClient(SHARED.server, CACHE);
    private static final int BOMB = 300 << 20;

    @BeforeAll
    static void cache() throws IOException, SQLException {
        try (var rows = new ServerDatabase(SHARED.server)) {
            rows.cache(CACHE, true);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip", "x-gzip", "zstd", "br", "xz", "bzip2", "GZIP", "identity"})
    void contentEncodingIsDecodedBeforeStorage(String encoding) throws Exception {
        var path = SmallNar.path("encoded-" + encoding);
        var hash = SmallNar.hashPart(path);
        var nar = SmallNar.of(Map.of("file", encoding));
        assertEquals(200, put(hash + ".ls", encoding, "{\"version\":1}").statusCode() / 100 * 100);
        PUSH.upload(nar.bytes());
        assertEquals(
                201,
                put(hash + ".narinfo", encoding, SmallNar.text(nar.narInfo(path)))
                        .statusCode());
        var drv = hash + "-encoded.drv";
        assertEquals(201, put("log/" + drv, encoding, "built\n").statusCode());
        var narInfo = RawResponse.get(SHARED.server, "GET", "/" + CACHE + "/" + hash + ".narinfo");
        assertTrue(narInfo.body().startsWith("StorePath: " + path + "\n"), narInfo.body());
        assertEquals("", narInfo.header("content-encoding"));
        assertEquals(
                "built\n",
                SHARED.server
                        .http
                        .send(SHARED.server.request("/" + CACHE + "/log/" + drv).build(), BodyHandlers.ofString())
                        .body());
        assertEquals(
                201,
                put(
                                "build-trace-v2/" + drv + "/out.doi",
                                encoding,
                                "{\"outPath\":\"" + path.substring("/nix/store/".length()) + "\",\"signatures\":[]}")
                        .statusCode());
    }

    @Test
    void unknownEncodingIsReported() throws Exception {
        for (var target :
                List.of("0".repeat(32) + ".narinfo", "0".repeat(32) + ".ls", "log/" + "0".repeat(32) + "-x.drv")) {
            for (var encoding : List.of("lzip", "gzip, zstd", "none", "")) {
                var answer = send(target, encoding, "x".getBytes(StandardCharsets.UTF_8));
                assertRefused(answer, 415, encoding);
                assertTrue(
                        answer.body().contains("Content-Encoding")
                                && answer.body().contains("zstd"),
                        answer.body());
            }
        }
        var nar = SmallNar.of(Map.of("file", "x")).bytes();
        assertRefused(send("nar/" + SmallNar.fileName(nar), "zstd", encoded("zstd", nar)), 415, "a NAR");
    }

    @Test
    void damagedBodiesAndCompressionBombsAreRefused() throws Exception {
        var narInfo = "0".repeat(32) + ".narinfo";
        for (var encoding : List.of("gzip", "zstd", "br", "xz", "bzip2")) {
            var whole = encoded(encoding, "StorePath: x\n".repeat(100).getBytes(StandardCharsets.UTF_8));
            assertRefused(send(narInfo, encoding, java.util.Arrays.copyOf(whole, whole.length - 9)), 400, encoding);
            assertRefused(send(narInfo, encoding, "no such thing".getBytes(StandardCharsets.UTF_8)), 400, encoding);
        }
        for (var encoding : List.of("gzip", "zstd", "br")) {
            var bomb = encoded(encoding, new byte[BOMB]);
            assertTrue(bomb.length < 1 << 20, encoding + " " + bomb.length);
            assertRefused(send(narInfo, encoding, bomb), 413, encoding);
            assertRefused(send("0".repeat(32) + ".ls", encoding, bomb), 413, encoding);
            assertRefused(send("log/" + "0".repeat(32) + "-x.drv", encoding, bomb), 413, encoding);
        }
    }

    /** nix caches the narinfo that it sent for days, so the NAR must be served in the compression that it names. */
    @ParameterizedTest
    @ValueSource(strings = {"none", "xz", "bzip2", "lz4", "br", "zstd"})
    void pusherCanFetchImmediately(String compression, @TempDir Path scratch) throws Exception {
        var nix = CORPUS.nix(scratch);
        var file = Files.writeString(scratch.resolve("note-" + compression), "a note in " + compression);
        var store = scratch.resolve("store").toString();
        var path = nix.run("nix", "store", "add", "--store", store, file.toString())
                .succeeded()
                .out()
                .strip();
        var netrc = List.of("--option", "netrc-file", SHARED.netrc.toString());
        var push = new ArrayList<>(List.of("nix", "copy", "--from", store, "--to", url(compression), path));
        push.addAll(netrc);
        nix.run(push).succeeded();
        var fresh = scratch.resolve("fresh").toString();
        var fetch = new ArrayList<>(
                List.of("nix", "copy", "--from", url(compression), "--to", fresh, "--no-check-sigs", path));
        fetch.addAll(netrc);
        nix.run(fetch).succeeded();
        assertEquals(Files.readString(file), Files.readString(Path.of(fresh + path)));
        var asked = RawResponse.get(SHARED.server, "HEAD", "/" + CACHE + "/nar/" + "0".repeat(52) + ".nar.xz");
        assertEquals(404, asked.status());
    }

    /** It is compressed again for each reader, which nobody else may cause. */
    @Test
    void onlyPushersGetTheUploadedCompression() throws Exception {
        var target = "/" + CACHE + "/nar/sent-once.nar.bz2";
        PUSH.put(
                "nar/sent-once.nar.bz2",
                encoded("bzip2", SmallNar.of(Map.of("file", "sent once")).bytes()));
        var anonymous = RawResponse.get(SHARED.server, "GET", target);
        assertEquals(404, anonymous.status());
        assertTrue(anonymous.body().contains("--refresh"), anonymous.body());
        assertEquals(404, RawResponse.get(SHARED.server, "HEAD", target).status());
        assertEquals(
                200,
                RawResponse.get(SHARED.server, "GET", target, SHARED.bearer()).status());
        assertEquals(
                200,
                RawResponse.get(SHARED.server, "HEAD", target, SHARED.bearer()).status());
    }

    /** After a push with nix's defaults, the client may fetch without a token, still with its cached narinfo. */
    @Test
    void xzUploadIsServedToEveryReader() throws Exception {
        var nar = SmallNar.of(Map.of("file", "x".repeat(300_000))).bytes();
        PUSH.put("nar/sent-as-xz.nar.xz", encoded("xz", nar));
        var target = SHARED.server.request("/" + CACHE + "/nar/sent-as-xz.nar.xz");
        var answer = SHARED.server.http.send(target.build(), BodyHandlers.ofByteArray());
        assertEquals(200, answer.statusCode());
        assertArrayEquals(nar, new XZInputStream(new ByteArrayInputStream(answer.body())).readAllBytes());
        assertEquals(
                200,
                RawResponse.get(SHARED.server, "HEAD", target.build().uri().getPath())
                        .status());
    }

    private static String url(String compression) {
        return SHARED.server.uri("/" + CACHE) + "?compression=" + compression;
    }

    private static HttpResponse<String> put(String target, String encoding, String text) throws Exception {
        return send(target, encoding, encoded(encoding, text.getBytes(StandardCharsets.UTF_8)));
    }

    private static HttpResponse<String> send(String target, String encoding, byte[] body) throws Exception {
        var request = SHARED.server
                .authorized("/" + CACHE + "/" + target)
                .header("Content-Encoding", encoding)
                .PUT(BodyPublishers.ofByteArray(body));
        return SHARED.server.http.send(request.build(), BodyHandlers.ofString());
    }

    private static byte[] encoded(String encoding, byte[] plain) throws IOException {
        var out = new ByteArrayOutputStream();
        try (var encoder = encoder(encoding, out)) {
            encoder.write(plain);
        }
        return out.toByteArray();
    }

    private static OutputStream encoder(String encoding, OutputStream out) throws IOException {
        Brotli4jLoader.ensureAvailability();
        return switch (encoding) {
            case "gzip", "x-gzip", "GZIP" -> new GZIPOutputStream(out);
            case "zstd" -> new ZstdOutputStream(out);
            case "br" -> new BrotliOutputStream(out);
            case "xz" -> new XZOutputStream(out, new LZMA2Options(LZMA2Options.PRESET_MIN));
            case "bzip2" -> Compression.compress(out, CompressionFormat.BZIP2);
            case String plain -> out;
        };
    }
}
