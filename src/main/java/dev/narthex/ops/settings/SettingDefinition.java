package dev.narthex.ops.settings;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;

/**
 * A setting of the server. All settings are defined in {@code settings.txt}, which is also documentation; a test compares it with
 * the settings that the code reads.
 *
 * @param name name in a properties file
 * @param choices the only allowed values; empty if there is no such list
 * @param defaultValue default value; empty if there is none
 * @param description description
 */
public record SettingDefinition(
        String name, SettingKind kind, List<String> choices, String defaultValue, String description) {
    private static final String CHOICE = "one of ";

    /** Returns all settings, in the order of the file. */
    static List<SettingDefinition> all() {
        try (var file = SettingDefinition.class.getResourceAsStream("/settings.txt")) {
            return new String(Objects.requireNonNull(file).readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.isBlank() && !line.startsWith("#"))
                    .map(SettingDefinition::parse)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns the default value of a setting. */
    static String preset(String name) {
        return all().stream()
                .filter(setting -> setting.name().equals(name))
                .findFirst()
                .orElseThrow()
                .defaultValue();
    }

    private static SettingDefinition parse(String line) {
        var parts = Arrays.stream(line.split("\\|", 4)).map(String::strip).toList();
        var kind = parts.get(1);
        return kind.startsWith(CHOICE)
                ? new SettingDefinition(
                        parts.get(0),
                        SettingKind.TEXT,
                        List.of(kind.substring(CHOICE.length()).split(", ")),
                        parts.get(2),
                        parts.get(3))
                : new SettingDefinition(
                        parts.get(0),
                        SettingKind.valueOf(kind.toUpperCase(Locale.ROOT)),
                        List.of(),
                        parts.get(2),
                        parts.get(3));
    }

    /** Returns the name of the environment variable. */
    String environmentVariable() {
        return environmentVariable(name);
    }

    static String environmentVariable(String name) {
        return name.replaceAll("[^0-9A-Za-z]", "_").toUpperCase(Locale.ROOT);
    }

    /**
     * Returns the error message for a value; empty if the value is valid.
     *
     * @param sourceName name under which it was set
     */
    Optional<String> findError(String sourceName, String value) {
        if (value.isBlank()) {
            return defaultValue.isEmpty()
                    ? Optional.empty()
                    : Optional.of(sourceName + " is empty. Without it the value is " + defaultValue + ".");
        }
        if (value.contains("${")) {
            return Optional.empty();
        }
        if (!choices.isEmpty()) {
            return choices.contains(value)
                    ? Optional.empty()
                    : Optional.of(sourceName + " is “" + value + "”, which is not one of " + String.join(", ", choices)
                            + ".");
        }
        return kind.accepts(value)
                ? Optional.empty()
                : Optional.of(sourceName + (kind.mayBeShown() ? " is “" + value + "”, which is not " : " is not ")
                        + kind.description() + ".");
    }
}
