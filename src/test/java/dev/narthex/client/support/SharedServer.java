package dev.narthex.client.support;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A running server for all client tests, with the whole test store pushed into its cache by real nix: outputs, derivations,
 * build logs and metadata. Tests only read it, or push the same content again.
 */
public final class SharedServer {
    public static final Corpus CORPUS = Corpus.open();
    private static final SharedServer ONE = new SharedServer();

    public final Server server;
    public final Path netrc;

    private SharedServer() {
        try {
            var data = Server.folder();
            server = Server.start(data, Server.SHORT_LIVED, "-Dnarthex.invalid-credentials-per-minute=100000");
            Runtime.getRuntime().addShutdownHook(new Thread(() -> {
                server.close();
                delete(data);
            }));
            netrc = data.resolve("netrc");
            var token = Files.readString(data.resolve("admin-token")).strip();
            Files.writeString(netrc, "machine 127.0.0.1 login token password " + token + "\n");
            fill();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    public static SharedServer instance() {
        return ONE;
    }

    private static void delete(Path data) {
        try {
            DataFolders.delete(data);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Returns the header line of an admin. */
    public String bearer() throws IOException {
        return "Authorization: Bearer "
                + Files.readString(server.data().resolve("admin-token")).strip();
    }

    public URI cache() {
        return server.uri("/main");
    }

    private void fill() throws IOException, InterruptedException {
        var scratch = Files.createTempDirectory("narthex-fill");
        var nix = CORPUS.nix(scratch);
        var meta = server.http.send(
                server.authorized("/_api/v1/main/derivation-meta")
                        .PUT(BodyPublishers.ofFile(CORPUS.folder().resolve("meta.json")))
                        .build(),
                BodyHandlers.ofString());
        if (meta.statusCode() != 200) {
            throw new AssertionError("metadata: " + meta.statusCode() + " " + meta.body());
        }
        var outputs = CORPUS.items().stream().map(Corpus.Item::path).toList();
        push(nix, "zstd", outputs).succeeded();
        var derivations = new ArrayList<>(List.of("--derivation"));
        CORPUS.items().stream().map(Corpus.Item::drvPath).distinct().forEach(derivations::add);
        push(nix, "zstd", derivations).succeeded();
        var logs = new ArrayList<>(List.of(
                "nix",
                "store",
                "copy-log",
                "--option",
                "netrc-file",
                netrc.toString(),
                "--from",
                CORPUS.store(),
                "--to",
                cache().toString()));
        logs.addAll(outputs);
        nix.run(logs).succeeded();
        DataFolders.delete(scratch);
    }

    public ProgramRunner.Result push(ProgramRunner nix, String compression, List<String> what) {
        return CORPUS.push(nix, netrc, cache() + "?compression=" + compression, what);
    }
}
