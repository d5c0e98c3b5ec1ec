package dev.narthex.client.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.aayushatharva.brotli4j.Brotli4jLoader;
import com.aayushatharva.brotli4j.encoder.BrotliOutputStream;
import com.aayushatharva.brotli4j.encoder.Encoder;
import com.github.luben.zstd.ZstdOutputStream;
import dev.narthex.client.support.DataFolders;
import dev.narthex.client.support.NixPushClient;
import dev.narthex.client.support.Poll;
import dev.narthex.client.support.RawResponse;
import dev.narthex.client.support.Server;
import dev.narthex.client.support.SmallNar;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorOutputStream;
import org.apache.commons.compress.compressors.lz4.FramedLZ4CompressorOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;

/** Many uploads of a few bytes, whose headers request the maximum decoder memory and which then stall. */
class HalfSentUploadsIT {
    private static final int UPLOADS = 50;

    private static final Map<String, Encoding> ENCODINGS = Map.of(
            "xz", out -> new XZOutputStream(out, new LZMA2Options(0)),
            "zstd", out -> new ZstdOutputStream(out),
            "br",
                    out -> new BrotliOutputStream(
                            out, new Encoder.Parameters().setQuality(1).setWindow(24)),
            "bz2", out -> new BZip2CompressorOutputStream(out, 9),
            "lz4", FramedLZ4CompressorOutputStream::new,
            "gz", GZIPOutputStream::new);

    private static Path data;
    private static Server server;

    @BeforeAll
    static void start() throws Exception {
        Brotli4jLoader.ensureAvailability();
        data = Server.folder();
        server = Server.start(data, "-Xmx512m");
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
        DataFolders.delete(data);
    }

    @ParameterizedTest
    @ValueSource(strings = {"zstd", "br", "bz2", "lz4", "gz", "xz"})
    void stalledUploadsLeaveMemoryToOthers(String ending) throws Exception {
        var sockets = send(ending);
        try {
            for (int i = 0; i < 20; i++) {
                assertEquals(
                        200,
                        RawResponse.get(server, "GET", "/main/nix-cache-info").status());
            }
        } finally {
            close(sockets);
        }
        assertTrue(server.alive(), server.log());
        var whole = new ByteArrayOutputStream();
        try (var out = ENCODINGS.get(ending).of(whole)) {
            out.write(SmallNar.of(Map.of("file", ending)).bytes());
        }
        assertEquals(
                201,
                new NixPushClient(server, "main")
                        .put("nar/whole.nar." + ending, whole.toByteArray())
                        .statusCode());
    }

    @Test
    void uploadWithoutDecoderMemoryGetsRetryAfter() throws Exception {
        var sockets = send("xz");
        try {
            var answers = new ArrayList<String>();
            Poll.until("an answer", () -> {
                sockets.stream().flatMap(HalfSentUploadsIT::answer).forEach(answers::add);
                return !answers.isEmpty();
            });
            var answer = answers.getFirst();
            assertTrue(answer.startsWith("HTTP/1.1 503 "), answer);
            assertTrue(answer.toLowerCase(Locale.ROOT).contains("\r\nretry-after: "), answer);
        } finally {
            close(sockets);
        }
        assertTrue(server.alive(), server.log());
    }

    private static Stream<String> answer(Socket socket) {
        try {
            var in = socket.getInputStream();
            return in.available() == 0
                    ? Stream.empty()
                    : Stream.of(new String(in.readNBytes(in.available()), StandardCharsets.US_ASCII));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void close(List<Socket> sockets) throws IOException {
        for (var socket : sockets) {
            socket.close();
        }
    }

    private static List<Socket> send(String ending) throws IOException {
        var beginning = beginning(ending);
        var sockets = new ArrayList<Socket>();
        for (int upload = 0; upload < UPLOADS; upload++) {
            sockets.add(send(upload + ".nar." + ending, beginning));
        }
        return sockets;
    }

    private static Socket send(String file, byte[] beginning) throws IOException {
        var token = java.nio.file.Files.readString(data.resolve("admin-token")).strip();
        var socket = new Socket(InetAddress.getLoopbackAddress(), server.port());
        var request = new ByteArrayOutputStream();
        request.writeBytes(("PUT /main/nar/" + file + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + token
                        + "\r\nContent-Length: 1000000\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII));
        request.writeBytes(beginning);
        socket.getOutputStream().write(request.toByteArray());
        return socket;
    }

    /** Enough for a decoder to allocate its memory. */
    private static byte[] beginning(String ending) throws IOException {
        return switch (ending) {
            case "xz" -> xz();
            case "zstd" ->
                new byte[] {0x28, (byte) 0xb5, 0x2f, (byte) 0xfd, 0, (byte) (17 << 3), 0, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8};
            default -> noise(ENCODINGS.get(ending));
        };
    }

    private interface Encoding {
        OutputStream of(OutputStream out) throws IOException;
    }

    private static byte[] noise(Encoding encoding) throws IOException {
        var out = new ByteArrayOutputStream();
        var noise = new byte[1 << 20];
        new Random(1).nextBytes(noise);
        try (var encoder = encoding.of(out)) {
            encoder.write(SmallNar.flat(noise).bytes());
        }
        return Arrays.copyOf(out.toByteArray(), 900_000);
    }

    /** A block header with a dictionary of 96 MiB. */
    private static byte[] xz() throws IOException {
        var out = new ByteArrayOutputStream();
        var noise = new byte[4096];
        new Random(1).nextBytes(noise);
        try (var xz = new XZOutputStream(out, new LZMA2Options(0))) {
            xz.write(noise);
        }
        var file = Arrays.copyOf(out.toByteArray(), 576);
        int header = 12;
        int length = (file[header] + 1) * 4;
        file[header + 4] = 29;
        var crc = new CRC32();
        crc.update(file, header, length - 4);
        for (int i = 0; i < 4; i++) {
            file[header + length - 4 + i] = (byte) (crc.getValue() >>> (8 * i));
        }
        return file;
    }
}
