package dev.narthex.client.http;

import static dev.narthex.client.support.NixPushClient.assertRefused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.github.luben.zstd.Zstd;
import dev.narthex.client.support.NixPushClient;
import dev.narthex.client.support.ProgramRunner;
import dev.narthex.client.support.Server;
import dev.narthex.client.support.ServerDatabase;
import dev.narthex.client.support.SharedServer;
import dev.narthex.client.support.SmallNar;
import dev.narthex.nix.NixHash;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Pushes that are invalid in every known way are refused with a clear message and store nothing. */
class HostilePushesIT {
    private static final String CACHE = "hostile";

    private static final Server SERVER = SharedServer.instance().server;
    private static final NixPushClient PUSH = new NixPushClient(SERVER, CACHE);
    private static final SmallNar VICTIM = nar(Map.of("file", "victim"));
    private static final String PATH = SmallNar.path("victim-1.0");
    private static long faults;

    private ServerDatabase rows;

    @BeforeAll
    static void send() throws IOException, InterruptedException, SQLException {
        faults = faults();
        try (var rows = new ServerDatabase(SERVER)) {
            rows.cache(CACHE, true);
        }
        assertEquals(201, PUSH.upload(VICTIM.bytes()).statusCode());
    }

    @AfterAll
    static void nothingWasTakenForAFault() throws IOException {
        assertEquals(faults, faults(), "faults in the server's log");
    }

    private static long faults() throws IOException {
        return SERVER.log().lines().filter(line -> line.contains(" fault ")).count();
    }

    @BeforeEach
    void open() throws IOException, SQLException {
        rows = new ServerDatabase(SERVER);
    }

    @AfterEach
    void close() throws SQLException {
        rows.close();
    }

    @Test
    void unusualNarsAreAcceptedOrRefusedInEveryCompression(@TempDir Path folder) throws Exception {
        var script = Path.of("src/test/corpus/awkward-nars.py").toAbsolutePath();
        new ProgramRunner(folder)
                .run("python3", script.toString(), folder.toString())
                .succeeded();
        var expected = new ObjectMapper().readTree(folder.resolve("expect.json").toFile());
        for (var entry : expected.properties()) {
            var nar = Files.readAllBytes(
                    folder.resolve(entry.getValue().path("file").asText()));
            boolean accepted = entry.getValue().path("verdict").asText().equals("accept");
            for (var file : List.of(nar, Zstd.compress(nar), gzip(nar))) {
                var before = rows.counts();
                var answer = PUSH.upload(file);
                if (accepted) {
                    assertEquals(201, answer.statusCode(), () -> entry.getKey() + answer.body());
                } else {
                    assertRefused(answer, entry.getKey().equals("length-huge") ? 413 : 400, entry.getKey());
                    assertEquals(before, rows.counts(), entry.getKey());
                }
            }
        }
    }

    static Stream<Arguments> files() throws IOException {
        var nar = VICTIM.bytes();
        var zstd = Zstd.compress(nar);
        var gzip = gzip(nar);
        return Stream.of(
                arguments("a byte after the frame", join(zstd, new byte[] {1}), 400),
                arguments("a byte after the member", join(gzip, new byte[] {1}), 400),
                arguments("two NARs", join(zstd, zstd), 400),
                arguments("a cut frame", Arrays.copyOf(zstd, zstd.length - 1), 400),
                arguments("a cut member", Arrays.copyOf(gzip, gzip.length - 1), 400),
                arguments("nothing but a skippable frame", skippable(), 400),
                arguments("another compression", new byte[] {4, 0x22, 0x4d, 0x18, 0, 0, 0, 0}, 400),
                arguments("a file of 100 GiB in 50 bytes", Zstd.compress(contentOf(100L << 30)), 413),
                arguments("more files than are allowed", Zstd.compress(links(1_000_001)), 413));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("files")
    void truncatedNarIsRefused(String what, byte[] file, int status) throws Exception {
        var before = rows.counts();
        assertRefused(PUSH.upload(file), status, what);
        assertEquals(before, rows.counts());
    }

    @Test
    void fileThatDoesNotMatchItsNameIsRefused() throws Exception {
        var name = SmallNar.fileName(new byte[1]);
        assertRefused(PUSH.put("nar/" + name, VICTIM.bytes()), 400, name);
    }

    static Stream<Arguments> narInfos() {
        var self = PATH.substring("/nix/store/".length());
        var sig = "A".repeat(86) + "==";
        var stranger = SmallNar.path("stranger-1").substring("/nix/store/".length());
        return Stream.of(
                wrong("StorePath", null, "is missing"),
                wrong("StorePath", self, "Malformed store path"),
                wrong("StorePath", PATH + "/bin", "Malformed store path"),
                wrong("StorePath", PATH + "é", "Malformed store path"),
                wrong("StorePath", SmallNar.path("other-1"), "Wrong StorePath"),
                wrong("URL", null, "is missing"),
                wrong("URL", "nar/\0", "Malformed URL"),
                wrong("URL", "nar/absent.nar", "Send it first"),
                wrong("URL", "../../etc/passwd", "Send it first"),
                wrong("URL", "nar/" + "a".repeat(100_000), "Malformed URL"),
                wrong("Compression", "\u001b[31m", "Malformed Compression"),
                wrong("NarHash", null, "is missing"),
                wrong("NarHash", "sha256:zz", "Malformed hash"),
                wrong("NarHash", "sha1:" + "0".repeat(32), "Malformed NarHash"),
                wrong("NarHash", NixHash.sha256(new byte[0]).toString(), "Wrong NarHash"),
                wrong("NarSize", null, "is missing"),
                wrong("NarSize", "0", "Malformed NarSize"),
                wrong("NarSize", "-1", "Malformed NarSize"),
                wrong("NarSize", "\u0661", "Malformed NarSize"),
                wrong("NarSize", "9".repeat(40), "Malformed NarSize"),
                wrong("NarSize", "1", "Wrong NarSize"),
                wrong("FileSize", "x", "Malformed FileSize"),
                wrong("References", "nonsense", "Malformed store path"),
                wrong("References", PATH, "Malformed store path"),
                wrong("References", self + "  " + self, "Malformed store path"),
                wrong("References", stranger, "Missing references"),
                wrong("Deriver", "nonsense", "Malformed store path"),
                wrong("Sig", "", "Malformed key name"),
                wrong("Sig", "k:AAAA", "Malformed signature"),
                wrong("Sig", "é:" + sig, "Malformed key name"),
                wrong("CA", "nonsense", "Malformed content address"),
                wrong("CA", "fixed:r:sha256:" + "0".repeat(52), "Wrong CA"),
                wrong("CA", "text:sha1:" + "0".repeat(32), "Malformed content address"),
                wrong("Foo\nBar", "x", "Malformed narinfo"),
                wrong("StorePath: x\nStorePath", PATH, "occurs twice"));
    }

    private static Arguments wrong(String key, @org.jspecify.annotations.Nullable String value, String words) {
        return arguments(key, value, words);
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("narInfos")
    void narinfoWithAnInvalidLineIsRefusedByName(String key, String value, String words) throws Exception {
        var lines = VICTIM.narInfo(PATH);
        lines.remove(key);
        if (value != null) {
            lines.put(key, value);
        }
        var before = rows.counts();
        var answer = PUSH.narInfo(PATH, SmallNar.text(lines));
        assertRefused(answer, 400, key);
        assertTrue(answer.body().contains(words), answer.body());
        assertEquals(before, rows.counts());
    }

    @Test
    void malformedNarinfoIsRefused() throws Exception {
        var text = SmallNar.text(VICTIM.narInfo(PATH));
        var before = rows.counts();
        assertRefused(PUSH.narInfo(PATH, ""), 400, "empty");
        assertRefused(PUSH.narInfo(PATH, text.strip()), 400, "no last line feed");
        assertRefused(PUSH.narInfo(PATH, text.replace("\n", "\r\n")), 400, "carriage returns");
        assertRefused(PUSH.narInfo(PATH, text + "X: " + "a".repeat(1 << 20) + "\n"), 413, "over a MiB");
        var many = IntStream.range(0, 20_000)
                .mapToObj(i -> "0".repeat(32) + "-" + i)
                .reduce(new StringBuilder(), (all, one) -> all.append(one).append(' '), StringBuilder::append);
        var lines = VICTIM.narInfo(PATH);
        lines.put("References", many.toString().strip());
        assertRefused(PUSH.narInfo(PATH, SmallNar.text(lines)), 413, "20,000 references");
        assertRefused(PUSH.put("no-hash.narinfo", text.getBytes(StandardCharsets.UTF_8)), 405, "no hash");
        assertEquals(before, rows.counts());
    }

    @Test
    void differentBytesAreRefusedAndRecordedAsEvidence() throws Exception {
        var path = SmallNar.path("twice-1.0");
        var first = nar(Map.of("file", "first"));
        var second = nar(Map.of("file", "second"));
        PUSH.publish(first, path);
        var claimed = PUSH.narInfo(path, SmallNar.text(second.narInfo(path)));
        assertRefused(claimed, 400, "bytes that were never sent");
        assertEquals(0, observations(path));
        PUSH.upload(second.bytes());
        var sent = PUSH.narInfo(path, SmallNar.text(second.narInfo(path)));
        assertRefused(sent, 409, "other bytes");
        assertRefused(PUSH.narInfo(path, SmallNar.text(second.narInfo(path))), 409, "other bytes again");
        assertEquals(1, observations(path));
        var other = path.replace("twice", "thrice");
        assertRefused(PUSH.narInfo(other, SmallNar.text(first.narInfo(other))), 409, "another name");
    }

    @Test
    void repeatedPushMergesSignaturesButNotReferences() throws Exception {
        var path = SmallNar.path("signed-1.0");
        var nar = nar(Map.of("file", "signed"));
        PUSH.publish(nar, path);
        var text = SmallNar.text(nar.narInfo(path));
        var many = new StringBuilder(text);
        for (int i = 0; i < 1000; i++) {
            many.append("Sig: key").append(i).append(":").append("A".repeat(86)).append("==\n");
        }
        assertEquals(200, PUSH.narInfo(path, many.toString()).statusCode());
        assertEquals(200, PUSH.narInfo(path, many.toString()).statusCode());
        assertEquals(
                32,
                rows.number("select cardinality(sigs) from path where hash_part = '" + SmallNar.hashPart(path) + "'"));
        var lines = nar.narInfo(path);
        lines.put("References", path.substring("/nix/store/".length()));
        assertRefused(PUSH.narInfo(path, SmallNar.text(lines)), 409, "other references");
    }

    @Test
    void concurrentPushesOfAPathCreateItOnce() throws Exception {
        var path = SmallNar.path("raced-1.0");
        var nar = nar(Map.of("file", "raced"));
        var text = SmallNar.text(nar.narInfo(path));
        var answers = new ArrayList<CompletableFuture<Integer>>();
        for (int i = 0; i < 8; i++) {
            answers.add(CompletableFuture.supplyAsync(() -> {
                try {
                    PUSH.upload(nar.bytes());
                    return PUSH.narInfo(path, text).statusCode();
                } catch (IOException | InterruptedException e) {
                    throw new AssertionError(e);
                }
            }));
        }
        var statuses = answers.stream().map(CompletableFuture::join).sorted().toList();
        assertEquals(List.of(200, 200, 200, 200, 200, 200, 200, 201), statuses);
    }

    private long observations(String path) throws SQLException {
        return rows.number("select count(*) from observation where hash_part = '" + SmallNar.hashPart(path) + "'");
    }

    private static SmallNar nar(Map<String, String> files) {
        try {
            return SmallNar.of(files);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static byte[] gzip(byte[] plain) throws IOException {
        var out = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(out)) {
            gzip.write(plain);
        }
        return out.toByteArray();
    }

    private static byte[] skippable() {
        return new byte[] {0x50, 0x2a, 0x4d, 0x18, 1, 0, 0, 0, 7};
    }

    private static byte[] contentOf(long size) {
        var length = ByteBuffer.allocate(8)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(size)
                .array();
        return join(strings("nix-archive-1", "(", "type", "regular", "contents"), length);
    }

    private static byte[] links(int count) throws IOException {
        var out = new ByteArrayOutputStream();
        out.write(strings("nix-archive-1", "(", "type", "directory"));
        for (int i = 0; i < count; i++) {
            out.write(
                    strings("entry", "(", "name", "%07d".formatted(i), "node", "(", "type", "symlink", "target", "x"));
            out.write(strings(")", ")"));
        }
        return out.toByteArray();
    }

    /** Strings as encoded in a NAR. */
    private static byte[] strings(String... strings) {
        var out = new ByteArrayOutputStream();
        for (var string : strings) {
            var bytes = string.getBytes(StandardCharsets.US_ASCII);
            out.writeBytes(ByteBuffer.allocate(8)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putLong(bytes.length)
                    .array());
            out.writeBytes(Arrays.copyOf(bytes, (bytes.length + 7) / 8 * 8));
        }
        return out.toByteArray();
    }

    private static byte[] join(byte[] first, byte[] second) {
        var joined = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, joined, first.length, second.length);
        return joined;
    }
}
