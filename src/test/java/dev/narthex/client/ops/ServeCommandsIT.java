package dev.narthex.client.ops;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.client.support.ProgramRunner;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Commands after {@code serve quarkus-app}, as in the container. */
class ServeCommandsIT {
    @TempDir
    Path scratch;

    private ProgramRunner.Result serve(String... arguments) {
        var command = Stream.concat(
                        Stream.of(Path.of("deploy/serve"), Path.of("target/quarkus-app"))
                                .map(path -> path.toAbsolutePath().toString()),
                        Stream.of(arguments))
                .toList();
        return new ProgramRunner(scratch).with("NARTHEX_S3_REGION", "eu").run(command);
    }

    @Test
    void helpListsCommands() {
        var help = serve("--help").succeeded().out();
        assertTrue(help.startsWith("Usage: narthex"), help);
        assertTrue(help.contains("\n  admin-token "), help);
    }

    @Test
    void optionsOfTheJvmComeBeforeTheCommand() {
        var settings = serve("-Dnarthex.audit.days=90", "settings").succeeded().out();
        assertTrue(settings.contains("\nnarthex.audit.days=90\n"), settings);
        assertTrue(settings.contains("\nnarthex.s3.region=eu\n"), settings);
    }

    @Test
    void invalidSettingsFailTheCheck() {
        serve("settings", "--check").succeeded();
        var failed = serve("-Dnarthex.audit.days=many", "-Dnarthex.audit.day=1", "settings", "--check");
        assertEquals(1, failed.status(), failed.err());
        assertTrue(failed.err().contains("narthex.audit.days is “many”"), failed.err());
        assertTrue(
                failed.err().contains("narthex.audit.day is no setting. Is narthex.audit.days meant?"), failed.err());
    }

    @Test
    void misspelledCommandDoesNotStartServer() {
        var result = serve("restroe");
        assertEquals(2, result.status(), result.err());
        assertTrue(result.err().contains("Did you mean: narthex restore"), result.err());
    }
}
