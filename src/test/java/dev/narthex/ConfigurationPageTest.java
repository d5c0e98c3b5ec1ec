package dev.narthex;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/**
 * Compares {@code docs/configuration.md} with {@code settings.txt}. The page up to {@link #MARKER} is written by hand; the rest is
 * generated, one table for each section of the file. Run this test with {@code -Dgolden.write} to update it.
 */
class ConfigurationPageTest {
    private static final Path PAGE = Path.of("docs/configuration.md");
    private static final Path SETTINGS = Path.of("src/main/resources/settings.txt");
    private static final String MARKER = "<!-- generated from settings.txt by ConfigurationPageTest -->\n";
    private static final String SECTION = "# ── ";
    private static final String CHOICE = "one of ";

    @Test
    void pageListsTheSettings() throws IOException {
        var expected = handWritten() + MARKER + tables();
        if (System.getProperty("golden.write") != null) {
            Files.writeString(PAGE, expected);
        }
        assertEquals(
                expected,
                Files.readString(PAGE),
                PAGE + " differs from " + SETTINGS + ". Run this test with -Dgolden.write and commit the page.");
    }

    @Test
    void pageExplainsEveryType() throws IOException {
        var explained = handWritten();
        for (var line : settings()) {
            var type = columns(line).get(1);
            assertTrue(
                    type.startsWith(CHOICE) || explained.contains("| " + type + " |"),
                    () -> "the page does not explain the type " + type);
        }
    }

    private static String handWritten() throws IOException {
        var page = Files.readString(PAGE);
        assertTrue(page.contains(MARKER), () -> PAGE + " lacks the line " + MARKER);
        return page.substring(0, page.indexOf(MARKER));
    }

    private static List<String> settings() throws IOException {
        return Files.readAllLines(SETTINGS).stream()
                .filter(line -> !line.isBlank() && !line.startsWith("#"))
                .toList();
    }

    private static String tables() throws IOException {
        var text = new StringBuilder();
        for (var line : Files.readAllLines(SETTINGS)) {
            if (line.startsWith(SECTION)) {
                text.append("\n## ").append(heading(line)).append("\n\n| setting | type | default | description |\n");
                text.append("|---|---|---|---|\n");
            } else if (!line.isBlank() && !line.startsWith("#")) {
                text.append(row(columns(line))).append('\n');
            }
        }
        return text.toString();
    }

    private static String heading(String line) {
        var words = line.substring(SECTION.length()).replace(" ──", "");
        return words.substring(0, 1).toUpperCase(Locale.ROOT) + words.substring(1);
    }

    private static List<String> columns(String line) {
        return Arrays.stream(line.split("\\|", 4)).map(String::strip).toList();
    }

    private static String row(List<String> columns) {
        var name = columns.get(0);
        var variable = name.replaceAll("[^0-9A-Za-z]", "_").toUpperCase(Locale.ROOT);
        var preset = columns.get(2);
        return "| `%s`<br>`%s` | %s | %s | %s |"
                .formatted(
                        name,
                        variable,
                        type(columns.get(1)),
                        preset.isEmpty() ? "" : "`" + preset + "`",
                        columns.get(3));
    }

    /** Returns the type as shown on the page: the allowed values if there is a list of them. */
    private static String type(String column) {
        return column.startsWith(CHOICE) ? column.substring(CHOICE.length()).replace(", ", " or ") : column;
    }
}
