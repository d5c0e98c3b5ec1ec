package dev.narthex.client.npm;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.client.support.DataFolders;
import dev.narthex.client.support.FreePort;
import dev.narthex.client.support.NginxServer;
import dev.narthex.client.support.ProgramRunner;
import dev.narthex.client.support.Server;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The suite by which Verdaccio is tested (verdaccio/e2e-tests tools/e2e-cli), as it is, with a token in place of the
 * user that it would make. It writes that down for the root of a host, where npm looks for it only if the registry is
 * there, so that the cache has its own host here, by a proxy.
 *
 * <p>What it passes over by itself is what a client cannot do, and {@code uplink-failure} and {@code reserved-names},
 * which are about an upstream. It wants a newer npm than Debian has, which is among the tools; of pnpm it wants version 11,
 * which needs a newer Node than Debian has.
 */
@Tag("long")
class VerdaccioSuiteIT {
    private static final Path TOOLS = Path.of(System.getProperty("narthex.tools", "target/tools"), "node_modules")
            .toAbsolutePath();

    /** Publishes a new name with capitals, which npm's own registry has refused since 2015, and this one does. */
    private static final String CAPITALS = "package-names";

    /** For yarn it loads plugins of Verdaccio's that were never published. */
    private static final List<String> PLUGINS = List.of("deprecate", "ping");

    /** Makes users with passwords; people sign in at an identity provider here. */
    private static final String SIGN_UP = "login";

    /** Holds that a file says its length and is not packed once more, too. */
    private static final String STRICT = "tarballs";

    private static Path data;
    private static int port;
    private static Server server;
    private static NginxServer host;

    @TempDir
    Path scratch;

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        data = Server.folder();
        port = FreePort.choose();
        server = Server.start(data, "-Dnarthex.url=http://localhost:" + port);
        host = NginxServer.npm(server, "main", data.resolve("nginx"), port);
    }

    @AfterAll
    static void stop() throws IOException {
        host.close();
        server.close();
        DataFolders.delete(data);
    }

    /** The numbers are told so that a suite that passes over more than it should is no success. */
    private void run(String client, int passed, int skipped, String... without) throws IOException {
        var command = new ArrayList<>(List.of(
                "node",
                TOOLS.resolve("@verdaccio/e2e-cli/bin/e2e-cli.js").toString(),
                "--registry",
                "http://localhost:" + port,
                "--token",
                Files.readString(data.resolve("admin-token")).strip(),
                "--timeout",
                "180000",
                "--pm",
                client));
        for (var name : without) {
            command.addAll(List.of("--skip-test", name));
        }
        var told = new ProgramRunner(scratch)
                .with("npm_config_cache", scratch.resolve("cache").toString())
                .with("npm_config_update_notifier", "false")
                .with("BUN_INSTALL_CACHE_DIR", scratch.resolve("bun").toString())
                .with("DO_NOT_TRACK", "1")
                .with("E2E_PENDING_CONTRACT_CHECKS", STRICT)
                .run(command)
                .succeeded()
                .out()
                .replaceAll("\u001b\\[\\d*m", "");
        assertTrue(told.contains("Total: %d passed, 0 failed, %d skipped".formatted(passed, skipped)), told);
    }

    @Test
    void npmPasses() throws IOException {
        run("npm=" + TOOLS.resolve("npm/bin/npm-cli.js"), 14, 5, CAPITALS);
    }

    @Test
    void bunPasses() throws IOException {
        run("bun=" + TOOLS.resolve("@oven/bun-linux-x64-baseline/bin/bun"), 6, 13, CAPITALS);
    }

    @Test
    void denoPasses() throws IOException {
        run("deno=" + TOOLS.resolve("@deno/linux-x64-glibc/deno"), 3, 16, CAPITALS);
    }

    @Test
    void yarnPasses() throws IOException {
        run(
                "yarn-modern=" + TOOLS.resolve("@yarnpkg/cli-dist/bin/yarn.js"),
                5,
                14,
                CAPITALS,
                SIGN_UP,
                PLUGINS.getFirst(),
                PLUGINS.getLast());
    }
}
