package dev.narthex.client.support;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.nix.Compression;
import dev.narthex.nix.HashAlgorithm;
import dev.narthex.nix.NarInfo;
import dev.narthex.nix.NixHash;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.security.DigestInputStream;

/** Pushes generated NARs and downloads them, without nix. */
public final class NarClient {
    private NarClient() {}

    public static NarInfo push(Server server, SeededNar nar) throws Exception {
        var info = nar.narInfo("nar/made-" + nar.seed() + ".nar");
        upload(server, nar, info.url());
        var answer = server.http.send(
                server.authorized("/main/" + info.path().hash() + ".narinfo")
                        .PUT(BodyPublishers.ofString(info.text()))
                        .build(),
                BodyHandlers.ofString());
        // status 200 if the server already had the path
        assertTrue(answer.statusCode() == 200 || answer.statusCode() == 201, answer::body);
        return info;
    }

    /** Uploads a NAR without its narinfo. */
    public static void upload(Server server, SeededNar nar, String url) throws Exception {
        var body = BodyPublishers.fromPublisher(BodyPublishers.ofInputStream(() -> open(nar)), nar.narSize());
        var sent = server.http.send(server.authorized("/main/" + url).PUT(body).build(), BodyHandlers.ofString());
        assertEquals(201, sent.statusCode(), sent.body());
    }

    private static InputStream open(SeededNar nar) {
        try {
            return nar.open();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns the narinfo that the server serves for the path of {@code pushed}. */
    public static NarInfo narInfo(Server server, NarInfo pushed) throws Exception {
        var answer = server.http.send(
                server.request("/main/" + pushed.path().hash() + ".narinfo").build(), BodyHandlers.ofString());
        assertEquals(200, answer.statusCode(), answer.body());
        return NarInfo.parse(answer.body());
    }

    /** @return hash of the decompressed NAR */
    public static NixHash download(Server server, NarInfo info) throws Exception {
        return download(server, "main", info);
    }

    public static NixHash download(Server server, String cache, NarInfo info) throws Exception {
        var answer =
                server.http.send(server.request("/" + cache + "/" + info.url()).build(), BodyHandlers.ofInputStream());
        assertEquals(200, answer.statusCode());
        var digest = HashAlgorithm.SHA256.newDigest();
        try (var in = new DigestInputStream(Compression.decompress(answer.body()), digest)) {
            in.transferTo(OutputStream.nullOutputStream());
        }
        return NixHash.of(HashAlgorithm.SHA256, digest.digest());
    }
}
