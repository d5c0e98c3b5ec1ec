package dev.narthex.ops.settings;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Checks all settings before anything starts, and reports all errors together. Without this check a misspelled name would be
 * ignored silently, so that a limit an operator set would not apply.
 */
public final class SettingsCheck {
    private static final String PREFIX = "narthex.";
    private static final String ENVIRONMENT_PREFIX = "NARTHEX_";

    /** Settings of plugins, which are not known here. */
    private static final String PLUGIN_PREFIX = "narthex.plugin.";

    /** Variables of clients, which may run in the same environment, and those that Kubernetes sets for a service named narthex. */
    private static final Pattern FOREIGN_VARIABLES =
            Pattern.compile("NARTHEX_(TOKEN|PLUGIN_.*|(.+_)?SERVICE_(HOST|PORT)(_.*)?|(.+_)?PORT(_[0-9]+_.*)?)");

    private static final Pattern PROFILE = Pattern.compile("^%[^.]+\\.");
    private static final Pattern LIST_INDEX = Pattern.compile("\\[[0-9]+]$");
    private static final Pattern ENVIRONMENT_LIST_INDEX = Pattern.compile("_[0-9]+_$");

    private SettingsCheck() {}

    /** @throws StartException with a line for each invalid setting */
    public static void require(RawConfiguration configuration) {
        var errors = listErrors(configuration);
        if (!errors.isEmpty()) {
            throw new StartException("Narthex does not start, since settings are wrong:\n  "
                    + String.join("\n  ", errors) + "\nAll settings are listed by deploy/run settings.");
        }
    }

    /** Returns one sentence for each invalid setting, sorted by name. */
    static List<String> listErrors(RawConfiguration configuration) {
        var settings = SettingDefinition.all();
        var byName = settings.stream().collect(Collectors.toMap(SettingDefinition::name, Function.identity()));
        var byVariable = settings.stream()
                .collect(Collectors.toMap(SettingDefinition::environmentVariable, Function.identity()));
        var errors = new ArrayList<String>();
        var properties = new TreeMap<>(configuration.file());
        properties.putAll(configuration.systemProperties());
        properties.forEach((key, value) -> {
            var name = LIST_INDEX.matcher(PROFILE.matcher(key).replaceFirst("")).replaceFirst("");
            boolean isOurs = name.startsWith(PREFIX) && !name.startsWith(PLUGIN_PREFIX);
            findError(byName, key, name, value, isOurs).ifPresent(errors::add);
        });
        new TreeMap<>(configuration.environment()).forEach((key, value) -> {
            var name = ENVIRONMENT_LIST_INDEX.matcher(key).replaceFirst("");
            boolean isOurs = name.startsWith(ENVIRONMENT_PREFIX)
                    && !FOREIGN_VARIABLES.matcher(name).matches();
            findError(byVariable, key, name, value, isOurs).ifPresent(errors::add);
        });
        return List.copyOf(errors);
    }

    private static Optional<String> findError(
            Map<String, SettingDefinition> definitions, String sourceName, String name, String value, boolean isOurs) {
        var setting = Optional.ofNullable(definitions.get(name));
        return setting.isEmpty() && isOurs
                ? Optional.of(sourceName + " is no setting." + suggestNearest(name, definitions.keySet()))
                : setting.flatMap(definition -> definition.findError(sourceName, value));
    }

    private static String suggestNearest(String name, Collection<String> known) {
        return known.stream()
                .min(Comparator.<String>comparingInt(candidate -> distance(name, candidate))
                        .thenComparing(candidate -> candidate))
                .filter(candidate -> distance(name, candidate) <= (name.length() - PREFIX.length()) / 3)
                .map(candidate -> " Is " + candidate + " meant?")
                .orElse("");
    }

    /** Returns the edit distance: letters to add, remove or change (Wagner–Fischer). */
    private static int distance(String a, String b) {
        var previousRow = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            previousRow[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            var row = new int[b.length() + 1];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int substituted = previousRow[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                row[j] = Math.min(substituted, 1 + Math.min(previousRow[j], row[j - 1]));
            }
            previousRow = row;
        }
        return previousRow[b.length()];
    }
}
