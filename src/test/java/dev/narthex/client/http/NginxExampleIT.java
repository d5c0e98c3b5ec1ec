package dev.narthex.client.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.client.support.FreePort;
import dev.narthex.client.support.NginxServer;
import dev.narthex.client.support.ProgramRunner;
import dev.narthex.client.support.ScriptlessBrowser;
import dev.narthex.client.support.SharedServer;
import dev.narthex.client.support.SmallNar;
import dev.narthex.client.support.TlsClients;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code deploy/nginx.conf} before a server: requests and responses pass unchanged, with TLS. */
class NginxExampleIT {
    private static final String HOST = "narthex.example.org";

    @TempDir
    static Path folder;

    private static SharedServer shared;
    private static int port;
    private static NginxServer nginx;
    private static HttpClient client;
    private static Path certificate;

    @BeforeAll
    static void start() throws Exception {
        shared = SharedServer.instance();
        port = FreePort.choose();
        certificate = folder.resolve("cert.pem");
        var key = folder.resolve("key.pem");
        new ProgramRunner(folder)
                .run(
                        "openssl",
                        "req",
                        "-x509",
                        "-newkey",
                        "ec",
                        "-pkeyopt",
                        "ec_paramgen_curve:prime256v1",
                        "-nodes",
                        "-days",
                        "2",
                        "-subj",
                        "/CN=localhost",
                        "-addext",
                        "subjectAltName=DNS:localhost",
                        "-keyout",
                        key.toString(),
                        "-out",
                        certificate.toString())
                .succeeded();
        var example = Files.readString(Path.of("deploy/nginx.conf"))
                .replace("server 127.0.0.1:8080;", "server 127.0.0.1:" + shared.server.port() + ";")
                .replace("listen 443 ssl;", "listen 127.0.0.1:" + port + " ssl;")
                .replace("server_name " + HOST + ";", "server_name localhost;")
                .replace("/etc/ssl/certs/" + HOST + ".pem", certificate.toString())
                .replace("/etc/ssl/private/" + HOST + ".key", key.toString());
        nginx = NginxServer.with(example, folder.resolve("nginx"), port);
        client = HttpClient.newBuilder()
                .sslContext(TlsClients.trusting(certificate))
                .build();
    }

    @AfterAll
    static void stop() {
        client.close();
        nginx.close();
    }

    private static HttpResponse<byte[]> get(String path, String... headers) throws Exception {
        var request = HttpRequest.newBuilder(URI.create("https://localhost:" + port + path));
        return client.send(
                (headers.length == 0 ? request : request.headers(headers)).build(), BodyHandlers.ofByteArray());
    }

    private static HttpResponse<byte[]> direct(String path, String... headers) throws Exception {
        var request = shared.server.request(path);
        return shared.server.http.send(
                (headers.length == 0 ? request : request.headers(headers)).build(), BodyHandlers.ofByteArray());
    }

    @Test
    void nixPushesAndPullsThroughNginx() throws Exception {
        var item = SharedServer.CORPUS.items().getFirst();
        var home = Files.createDirectories(folder.resolve("home"));
        var nix = SharedServer.CORPUS.nix(home).with("NIX_SSL_CERT_FILE", certificate.toString());
        var netrc = Files.writeString(
                home.resolve("netrc"),
                "machine localhost login token password " + shared.bearer().substring("Authorization: Bearer ".length())
                        + "\n");
        var cache = "https://localhost:" + port + "/main";
        SharedServer.CORPUS
                .push(nix, netrc, cache + "?compression=zstd", List.of(item.path()))
                .succeeded();
        nix.run(
                        "nix",
                        "copy",
                        "--no-check-sigs",
                        "--from",
                        cache,
                        "--to",
                        "file://" + home.resolve("pulled"),
                        item.path())
                .succeeded();
        assertTrue(Files.exists(home.resolve("pulled/" + SmallNar.hashPart(item.path()) + ".narinfo")));
    }

    @Test
    void rangesFormsAndEscapesPassUnchanged() throws Exception {
        var hash = SmallNar.hashPart(SharedServer.CORPUS.items().getFirst().path());
        var narinfo = new String(get("/main/" + hash + ".narinfo").body());
        var nar = "/main/" + ScriptlessBrowser.first("URL: (\\S+)", narinfo);
        var part = get(nar, "Range", "bytes=10-19");
        assertEquals(206, part.statusCode());
        assertEquals(10, part.body().length);
        assertEquals(
                direct(nar, "Range", "bytes=10-19").headers().firstValue("Content-Range"),
                part.headers().firstValue("Content-Range"));
        for (var path : List.of(
                "/registry/main/npm/@harbour%2flantern",
                "/registry/main/npm/@harbour%2Flantern",
                "/registry/main/pypi/simple/",
                "/v2/main/some/image/manifests/sha256:" + "0".repeat(64),
                "/main/npm/@harbour/none@%5E1.0?tab=%2f&q=a+b%20c")) {
            var through = get(path);
            var plain = direct(path);
            assertEquals(plain.statusCode(), through.statusCode(), path);
            assertEquals(
                    plain.headers().firstValue("Content-Type"),
                    through.headers().firstValue("Content-Type"),
                    path);
        }
        var packed = get("/main", "Accept-Encoding", "gzip", "Accept", "text/html");
        assertEquals("gzip", packed.headers().firstValue("Content-Encoding").orElse(""));
    }

    @Test
    void errorsReachClientsInTheirFormat() throws Exception {
        var refused = client.send(
                HttpRequest.newBuilder(URI.create("https://localhost:" + port + "/main/nar/x.nar"))
                        .PUT(HttpRequest.BodyPublishers.ofByteArray(new byte[3 << 20]))
                        .expectContinue(true)
                        .build(),
                BodyHandlers.ofString());
        assertEquals(401, refused.statusCode());
        assertTrue(refused.headers().firstValue("WWW-Authenticate").orElse("").startsWith("Basic"), refused.toString());
    }
}
