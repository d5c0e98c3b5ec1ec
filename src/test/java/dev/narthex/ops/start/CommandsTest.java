package dev.narthex.ops.start;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CommandsTest {
    private record Result(int status, String out, String err) {}

    private static Result run(String... args) {
        var out = new StringWriter();
        var err = new StringWriter();
        int status = Commands.commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(args);
        return new Result(status, out.toString(), err.toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"admin-token", "snapshot", "restore", "settings", "generate-completion"})
    void helpOfEachCommandFitsTerminal(String command) {
        var result = run(command, "--help");
        assertEquals(0, result.status, result.err);
        assertTrue(result.out.startsWith("Usage: narthex " + command), result.out);
        assertEquals(
                List.of(), result.out.lines().filter(line -> line.length() > 80).toList());
        assertEquals(result.out, run("help", command).out);
    }

    @Test
    void helpListsAllCommands() {
        var help = run("--help");
        assertEquals(0, help.status, help.err);
        for (var command : Commands.commandLine().getSubcommands().keySet()) {
            assertTrue(help.out.contains("\n  " + command), help.out);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"settings --no-such-option", "restore one two", "--data /tmp"})
    void wrongUsageExitsWithStatus2(String line) {
        var result = run(line.split(" "));
        assertEquals(2, result.status);
        assertEquals("", result.out);
        assertTrue(result.err.contains("Usage: narthex"), result.err);
    }

    @Test
    void misspelledCommandIsCorrected() {
        var result = run("restroe");
        assertEquals(2, result.status);
        assertTrue(result.err.contains("Did you mean: narthex restore"), result.err);
    }

    @Test
    void failureIsOneLineOnStandardError(@TempDir Path empty) {
        var result = run("admin-token", "--data", empty.toString());
        assertEquals(1, result.status);
        assertEquals(
                Map.of("out", "", "lines", 1L),
                Map.of("out", result.out, "lines", result.err.lines().count()));
        assertTrue(result.err.startsWith("There is no Narthex in " + empty), result.err);
    }

    @Test
    void completionScriptNamesCommands() {
        var script = run("generate-completion").out;
        assertTrue(script.startsWith("#!/usr/bin/env bash"), script);
        assertTrue(script.contains("admin-token"), script);
    }
}
