package dev.narthex.admin;

import dev.narthex.catalog.cache.CacheSettings;
import dev.narthex.catalog.cache.CacheSettingsStore.SettingsChange;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Formats changed settings as one line for the audit log: {@code public false, priority 30}. */
final class SettingsDiff {
    private SettingsDiff() {}

    static String between(SettingsChange change) {
        var before = toMap(change.oldSettings());
        return toMap(change.newSettings()).entrySet().stream()
                .filter(setting -> !setting.getValue().equals(before.get(setting.getKey())))
                .map(setting -> setting.getKey() + " " + setting.getValue())
                .collect(Collectors.joining(", "));
    }

    private static Map<String, String> toMap(CacheSettings settings) {
        var named = new LinkedHashMap<String, String>();
        named.put("public", Boolean.toString(settings.open()));
        named.put("priority", Integer.toString(settings.priority()));
        named.put("automaticReleases", Boolean.toString(settings.automatic()));
        named.put("upstreamKeyNames", settings.upstreamKeyNames().toString());
        named.put("retention", settings.retention().toString());
        named.put("quotaBytes", limit(settings.quotaBytes()));
        named.put("uploadBytesPerMinute", limit(settings.uploadBytesPerMinute()));
        named.put("summary", settings.summary());
        return named;
    }

    private static String limit(Optional<Long> number) {
        return number.map(String::valueOf).orElse("none");
    }
}
