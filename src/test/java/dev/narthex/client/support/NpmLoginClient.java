package dev.narthex.client.support;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Pattern;

/** The machine's npm with a package to publish and no credentials, which signs in through a web page. */
public final class NpmLoginClient {
    private static final Pattern PAGE = Pattern.compile("(/login/[A-Z]{4}-[A-Z]{4})");

    private final Path folder;
    private final ProgramRunner programs;

    /** @param folder for the package, configuration and cache of npm */
    public NpmLoginClient(Server server, String cache, Path folder) throws IOException {
        this.folder = folder;
        Files.writeString(
                folder.resolve(".npmrc"),
                "registry=" + server.uri("/registry/" + cache + "/npm/") + "\nupdate-notifier=false\n");
        Files.writeString(folder.resolve("package.json"), "{\"name\":\"buoy\",\"version\":\"1.0.0\"}");
        programs = new ProgramRunner(folder)
                .with("npm_config_userconfig", folder.resolve(".npmrc").toString())
                .with("npm_config_cache", folder.resolve("cache").toString());
    }

    public ProgramRunner.Result run(String... command) {
        return programs.run(command);
    }

    /** Completes when a person approved or refused the login on the page. */
    public CompletableFuture<ProgramRunner.Result> login() {
        return CompletableFuture.supplyAsync(
                () -> run("npm", "login", "--auth-type=web"),
                command -> Thread.ofVirtual().start(command));
    }

    /** Returns the URL that npm prints while it waits. */
    public String page() throws Exception {
        var seen = new AtomicReference<String>();
        Poll.until("npm shows an address", () -> {
            try (var files = Files.list(folder)) {
                for (var file : files.filter(f -> f.toString().endsWith(".txt")).toList()) {
                    var matcher = PAGE.matcher(Files.readString(file));
                    if (matcher.find()) {
                        seen.set(matcher.group(1));
                        return true;
                    }
                }
            }
            return false;
        });
        return seen.get();
    }
}
