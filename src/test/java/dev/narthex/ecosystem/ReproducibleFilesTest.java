package dev.narthex.ecosystem;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import dev.narthex.GoldenList;
import dev.narthex.ecosystem.support.TranscodingProgram;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Files built from a tree depend only on the tree: machines with other settings or clocks build the same bytes. {@code
 * -Dnarthex.java=FILE} builds them with another Java and its zlib.
 */
class ReproducibleFilesTest {
    private static final GoldenList LIST = GoldenList.of(
            "trees/made.tsv",
            "Output of TranscodingProgram: transcoder, file, bytes, sha256. ReproducibleFilesTest compares.",
            "Lockfiles contain these digests, so they change only together with the number of the transcoder.");

    @TempDir
    Path folder;

    @Test
    void filesEqualTheGoldenDigests() throws IOException {
        var out = folder.resolve("lines");
        TranscodingProgram.main(out.toString());
        LIST.check(Files.readAllLines(out));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "LC_ALL=C TZ=UTC umask=022 -Duser.language=en -Dfile.encoding=UTF-8",
                "LC_ALL=C TZ=Pacific/Kiritimati umask=077 -Duser.language=tr -Duser.country=TR -Dfile.encoding=ISO-8859-1",
                "LC_ALL=POSIX TZ=America/St_Johns umask=000 -Duser.language=ar -Duser.country=EG -Dfile.encoding=UTF-16",
                "LC_ALL=C.UTF-8 TZ=Asia/Kathmandu umask=027 -Duser.language=th -Duser.country=TH -Duser.variant=TH -Xint"
            })
    void filesDoNotDependOnTheMachine(String machine) throws Exception {
        var out = folder.resolve("lines");
        var options = new ArrayList<String>();
        var environment = new ArrayList<String>();
        for (var word : machine.split(" ")) {
            (word.startsWith("-") ? options : environment).add(word);
        }
        var umask = environment.removeLast().replace("umask=", "");
        var java = System.getProperty(
                "narthex.java",
                Path.of(System.getProperty("java.home"), "bin/java").toString());
        var command = new ArrayList<>(List.of("/bin/sh", "-c", "umask " + umask + " && exec \"$@\"", "sh", java));
        command.addAll(options);
        command.addAll(List.of(
                "-cp", System.getProperty("java.class.path"), TranscodingProgram.class.getName(), out.toString()));
        var builder = new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true);
        environment.forEach(each -> builder.environment().put(each.split("=")[0], each.split("=")[1]));
        var process = builder.start();
        var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), said);
        assertEquals(LIST.lines(), Files.readAllLines(out));
    }

    /** A test cannot run on two days, but it can check that the date is not used. */
    @Test
    void clockDoesNotAffectFiles() {
        var classes = new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests())
                .importPackages("dev.narthex.ecosystem", "dev.narthex.nix", "dev.narthex.spi", "com.jcraft.jzlib");
        var rule = noClasses()
                .that()
                .haveSimpleNameNotEndingWith("Endpoint")
                .and()
                // the time in a search response
                .doNotHaveSimpleName("NpmSearch")
                .should()
                .dependOnClassesThat()
                .areAssignableTo(Clock.class);
        for (var asks : Map.of(
                        Instant.class, "now",
                        LocalDate.class, "now",
                        LocalDateTime.class, "now",
                        System.class, "currentTimeMillis")
                .entrySet()) {
            rule = rule.orShould().callMethod(asks.getKey(), asks.getValue());
        }
        rule.orShould()
                .callMethod(System.class, "nanoTime")
                .orShould()
                .callConstructor(Date.class)
                .check(classes);
    }
}
