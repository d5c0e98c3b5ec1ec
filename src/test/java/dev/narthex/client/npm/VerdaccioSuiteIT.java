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
 * Runs the end-to-end suite of Verdaccio (verdaccio/e2e-tests tools/e2e-cli) unchanged, with a token instead of a user created
 * by the suite. It writes the token for the root of the host, so a proxy gives the cache its own host.
 * <p>The suite skips what a client does not support, and {@code uplink-failure} and {@code reserved-names} need an upstream. It
 * needs a newer npm than Debian's, which is installed with the tools; its pnpm 11 needs a newer Node than Debian's.
 */
@Tag("long")
class VerdaccioSuiteIT {
    private static final Path TOOLS = Path.of(System.getProperty("narthex.tools", "target/tools"), "node_modules")
            .toAbsolutePath();

    /** Publishes a new name with capitals, which npm has refused since 2015, as does this server. */
    private static final String CAPITALS = "package-names";

    /** Loads yarn plugins of Verdaccio that were never published. */
    private static final List<String> PLUGINS = List.of("deprecate", "ping");

    /** Creates users with passwords, but people sign in at an identity provider. */
    private static final String SIGN_UP = "login";

    /** Expects a Content-Length and no additional compression of files. */
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

    /** The counts are printed and checked, so that skipped tests are no success. */
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
