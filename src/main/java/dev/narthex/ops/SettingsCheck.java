package dev.narthex.ops;

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
final class SettingsCheck {
    private static final String OURS = "narthex.";
    private static final String OURS_IN_ENVIRONMENT = "NARTHEX_";

    /** Settings of plugins, which are not known here. */
    private static final String OF_PLUGINS = "narthex.plugin.";

    /** Variables of clients, which may run in the same environment, and those that Kubernetes sets for a service named narthex. */
    private static final Pattern OF_OTHERS =
            Pattern.compile("NARTHEX_(TOKEN|PLUGIN_.*|(.+_)?SERVICE_(HOST|PORT)(_.*)?|(.+_)?PORT(_[0-9]+_.*)?)");

    private static final Pattern PROFILE = Pattern.compile("^%[^.]+\\.");
    private static final Pattern PART_OF_LIST = Pattern.compile("\\[[0-9]+]$");
    private static final Pattern PART_OF_LIST_IN_ENVIRONMENT = Pattern.compile("_[0-9]+_$");

    private SettingsCheck() {}

    /** @throws StartException with a line for each invalid setting */
    static void require(Given given) {
        var wrong = complaints(given);
        if (!wrong.isEmpty()) {
            throw new StartException("Narthex does not start, since settings are wrong:\n  "
                    + String.join("\n  ", wrong) + "\nAll settings are listed by deploy/run settings.");
        }
    }

    /** Returns one sentence for each invalid setting, sorted by name. */
    static List<String> complaints(Given given) {
        var settings = Setting.all();
        var byName = settings.stream().collect(Collectors.toMap(Setting::name, Function.identity()));
        var byVariable = settings.stream().collect(Collectors.toMap(Setting::variable, Function.identity()));
        var wrong = new ArrayList<String>();
        var properties = new TreeMap<>(given.file());
        properties.putAll(given.process());
        properties.forEach((key, value) -> {
            var name =
                    PART_OF_LIST.matcher(PROFILE.matcher(key).replaceFirst("")).replaceFirst("");
            boolean ours = name.startsWith(OURS) && !name.startsWith(OF_PLUGINS);
            complaint(byName, key, name, value, ours).ifPresent(wrong::add);
        });
        new TreeMap<>(given.environment()).forEach((key, value) -> {
            var name = PART_OF_LIST_IN_ENVIRONMENT.matcher(key).replaceFirst("");
            boolean ours = name.startsWith(OURS_IN_ENVIRONMENT)
                    && !OF_OTHERS.matcher(name).matches();
            complaint(byVariable, key, name, value, ours).ifPresent(wrong::add);
        });
        return List.copyOf(wrong);
    }

    private static Optional<String> complaint(
            Map<String, Setting> known, String given, String name, String value, boolean ours) {
        var setting = Optional.ofNullable(known.get(name));
        return setting.isEmpty() && ours
                ? Optional.of(given + " is no setting." + nearest(name, known.keySet()))
                : setting.flatMap(one -> one.complaint(given, value));
    }

    private static String nearest(String name, Collection<String> known) {
        return known.stream()
                .min(Comparator.<String>comparingInt(one -> distance(name, one)).thenComparing(one -> one))
                .filter(one -> distance(name, one) <= (name.length() - OURS.length()) / 3)
                .map(one -> " Is " + one + " meant?")
                .orElse("");
    }

    /** Returns the edit distance: letters to add, remove or change (Wagner–Fischer). */
    private static int distance(String a, String b) {
        var above = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            above[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            var row = new int[b.length() + 1];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int same = above[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                row[j] = Math.min(same, 1 + Math.min(above[j], row[j - 1]));
            }
            above = row;
        }
        return above[b.length()];
    }
}
