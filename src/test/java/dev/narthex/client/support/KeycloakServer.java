package dev.narthex.client.support;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A real Keycloak on loopback, built by deploy/tools/keycloak, with the realm of keycloak-realm.json in memory. */
public final class KeycloakServer implements AutoCloseable {
    private static final Path HOME = Path.of(System.getProperty("narthex.tools", "target/tools"), "keycloak")
            .toAbsolutePath();

    private final int port = FreePort.choose();
    private Process process;

    public String issuer() {
        return "http://127.0.0.1:" + port + "/realms/harbour";
    }

    /** @param client URL of the server, for redirects */
    public void start(URI client) throws Exception {
        assertTrue(Files.exists(HOME.resolve("bin/kc.sh")), HOME + " is not there: deploy/tools/keycloak");
        try (var realm = KeycloakServer.class.getResourceAsStream("/keycloak-realm.json")) {
            var text = new String(realm.readAllBytes()).replace("@client@", client.toString());
            Files.createDirectories(HOME.resolve("data/import"));
            Files.writeString(HOME.resolve("data/import/harbour-realm.json"), text);
        }
        var start = new ProcessBuilder(
                HOME.resolve("bin/kc.sh").toString(),
                "start",
                "--optimized",
                "--http-enabled=true",
                "--hostname-strict=false",
                "--http-host=127.0.0.1",
                "--http-port=" + port,
                "--http-management-port=" + FreePort.choose(),
                "--import-realm");
        start.environment().put("JAVA_HOME", System.getProperty("java.home"));
        start.environment().put("JAVA_OPTS_KC_HEAP", "-Xms64m -Xmx512m");
        process = start.redirectErrorStream(true)
                .redirectOutput(HOME.resolve("data/log").toFile())
                .start();
        try (var http = HttpClient.newHttpClient()) {
            var discovery = HttpRequest.newBuilder(URI.create(issuer() + "/.well-known/openid-configuration"))
                    .build();
            Poll.until("Keycloak answers", () -> {
                assertTrue(process.isAlive(), () -> log());
                try {
                    return http.send(discovery, BodyHandlers.discarding()).statusCode() == 200;
                } catch (IOException e) {
                    return false;
                }
            });
        }
    }

    private static String log() {
        try {
            return Files.readString(HOME.resolve("data/log"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Its sockets stay open without responses, as if its machine hung. */
    public void freeze() throws IOException, InterruptedException {
        signal("-STOP");
    }

    public void thaw() throws IOException, InterruptedException {
        signal("-CONT");
    }

    private void signal(String signal) throws IOException, InterruptedException {
        for (var one : Stream.concat(Stream.of(process.toHandle()), process.descendants())
                .toList()) {
            new ProcessBuilder("kill", signal, Long.toString(one.pid())).start().waitFor();
        }
    }

    /** Its script starts a separate Java process, which must end too. */
    @Override
    public void close() throws InterruptedException {
        if (process != null) {
            var all = List.copyOf(process.descendants().toList());
            all.forEach(ProcessHandle::destroy);
            process.destroy();
            process.waitFor(30, TimeUnit.SECONDS);
            all.forEach(ProcessHandle::destroyForcibly);
        }
    }
}
