package dev.narthex.client.support;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Runs real programs, each with its own home folder and no environment variables of the machine except PATH. */
public final class ProgramRunner {
    private static final int LIMIT_MINUTES = 10;

    private final Path folder;
    private final Map<String, String> environment = new HashMap<>();

    /** @param folder working folder and home */
    public ProgramRunner(Path folder) {
        this.folder = folder;
        environment.put("HOME", folder.toString());
        environment.put("TMPDIR", folder.toString());
    }

    public ProgramRunner with(String name, String value) {
        environment.put(name, value);
        return this;
    }

    public record Result(int status, String out, String err) {
        public Result succeeded() {
            assertEquals(0, status, () -> out + err);
            return this;
        }

        public Result failed() {
            assertTrue(status != 0, () -> "it succeeded: " + out + err);
            return this;
        }
    }

    public Result run(String... command) {
        return run(Arrays.asList(command));
    }

    public Result run(List<String> command) {
        try {
            var out = Files.createTempFile(folder, "out", ".txt");
            var err = Files.createTempFile(folder, "err", ".txt");
            var builder = new ProcessBuilder(command)
                    .directory(folder.toFile())
                    .redirectInput(new java.io.File("/dev/null"))
                    .redirectOutput(out.toFile())
                    .redirectError(err.toFile());
            // PYTHONDONTWRITEBYTECODE is not passed on, so that Python compiles a client's modules only
            // once
            builder.environment().keySet().removeIf(name -> name.matches("(?i)(pip|npm_config|nix|xdg)_.*|python.*"));
            builder.environment().putAll(environment);
            var process = builder.start();
            if (!process.waitFor(LIMIT_MINUTES, TimeUnit.MINUTES)) {
                process.destroyForcibly();
                throw new AssertionError(command + " did not end within " + LIMIT_MINUTES + " minutes");
            }
            return new Result(process.exitValue(), read(out), read(err));
        } catch (IOException e) {
            throw new AssertionError("cannot run " + command, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    private static String read(Path file) throws IOException {
        return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
    }
}
