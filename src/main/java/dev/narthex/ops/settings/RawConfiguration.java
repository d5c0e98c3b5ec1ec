package dev.narthex.ops.settings;

import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Reads settings before the application starts. If a name is set more than once, system properties win over environment variables,
 * and those over the file, as in Quarkus.
 *
 * @param systemProperties system properties
 * @param file {@code config/application.properties} in the working directory
 */
public record RawConfiguration(
        Map<String, String> systemProperties, Map<String, String> environment, Map<String, String> file) {
    public static RawConfiguration read() throws IOException {
        var file = new Properties();
        try {
            file.load(new StringReader(Files.readString(Path.of("config", "application.properties"))));
        } catch (NoSuchFileException e) {
            // The file is optional.
        }
        return new RawConfiguration(toMap(System.getProperties()), System.getenv(), toMap(file));
    }

    private static Map<String, String> toMap(Properties properties) {
        return properties.stringPropertyNames().stream()
                .collect(Collectors.toMap(Function.identity(), properties::getProperty));
    }

    /** Returns the value without surrounding white space; empty if it is not set or blank. */
    public Optional<String> findValue(String name) {
        return Optional.ofNullable(systemProperties.get(name))
                .or(() -> Optional.ofNullable(environment.get(SettingDefinition.environmentVariable(name))))
                .or(() -> Optional.ofNullable(file.get(name)))
                .map(String::strip)
                .filter(text -> !text.isEmpty());
    }

    /** Returns the value of a setting, or its default. */
    public String valueOrDefault(String name) {
        return findValue(name).orElseGet(() -> SettingDefinition.preset(name));
    }
}
