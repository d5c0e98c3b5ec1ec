package dev.narthex.ops.settings;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** All settings with the values that are set. */
public final class SettingsList {
    private static final String HIDDEN = "(set)";

    private SettingsList() {}

    /**
     * A setting as it is listed.
     *
     * @param defaultValue empty if there is none
     * @param value empty if the setting is not set; secrets are not shown
     */
    @JsonInclude(JsonInclude.Include.NON_ABSENT)
    record ListedSetting(
            String name,
            String environmentVariable,
            String type,
            Optional<String> defaultValue,
            Optional<String> value,
            String description) {
        static ListedSetting of(SettingDefinition setting, RawConfiguration configuration) {
            var value = configuration.findValue(setting.name());
            return new ListedSetting(
                    setting.name(),
                    setting.environmentVariable(),
                    setting.choices().isEmpty()
                            ? setting.kind().name().toLowerCase(Locale.ROOT)
                            : "one of " + String.join(", ", setting.choices()),
                    Optional.of(setting.defaultValue()).filter(text -> !text.isEmpty()),
                    setting.kind().mayBeShown() ? value : value.map(secret -> HIDDEN),
                    setting.description());
        }

        /** Returns the lines of a properties file; settings that are not set are comments. */
        private String toText() {
            var line = value.map(set -> name + "=" + set).orElseGet(() -> "#" + name + "=" + defaultValue.orElse(""));
            return "# " + description + " (" + type + ")\n" + line + "\n";
        }
    }

    /** Returns a properties file with all settings. */
    public static String toText(RawConfiguration configuration) {
        return list(configuration).stream().map(ListedSetting::toText).collect(Collectors.joining("\n"));
    }

    public static String toJson(RawConfiguration configuration) {
        try {
            return new ObjectMapper()
                            .registerModule(new Jdk8Module())
                            .writerWithDefaultPrettyPrinter()
                            .writeValueAsString(list(configuration))
                    + "\n";
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private static List<ListedSetting> list(RawConfiguration configuration) {
        return SettingDefinition.all().stream()
                .map(setting -> ListedSetting.of(setting, configuration))
                .toList();
    }
}
