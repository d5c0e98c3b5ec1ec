package dev.narthex.ops.start;

import dev.narthex.ops.settings.RawConfiguration;
import io.quarkus.logging.Log;

/** Configures the log format: text for people, or JSON for log collectors. */
final class LogFormat {
    private static final String SETTING = "narthex.log.format";
    private static final String JSON = "json";
    private static final String QUARKUS_JSON_PROPERTY = "quarkus.log.console.json.enabled";

    private LogFormat() {}

    /** Call it with checked settings, before logging starts. */
    static void configure(RawConfiguration configuration) {
        boolean json = configuration.findValue(SETTING).filter(JSON::equals).isPresent();
        System.setProperty(QUARKUS_JSON_PROPERTY, Boolean.toString(json));
    }

    /** Prints a message to the terminal; with the JSON format, logs it. */
    static void announce(String message) {
        if (isJson()) {
            Log.info(message);
        } else {
            System.out.println(message);
        }
    }

    /** Returns whether log lines are collected, so that they must not contain secrets. */
    static boolean isJson() {
        return Boolean.getBoolean(QUARKUS_JSON_PROPERTY);
    }
}
