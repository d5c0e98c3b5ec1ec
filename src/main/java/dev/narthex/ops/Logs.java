package dev.narthex.ops;

import io.quarkus.logging.Log;

/** Configures the log format: text for people, or JSON for log collectors. */
final class Logs {
    private static final String SETTING = "narthex.log.format";
    private static final String AS_JSON = "json";
    private static final String QUARKUS = "quarkus.log.console.json.enabled";

    private Logs() {}

    /** Call it with checked settings, before logging starts. */
    static void configure(Given settings) {
        boolean json = settings.value(SETTING).filter(AS_JSON::equals).isPresent();
        System.setProperty(QUARKUS, Boolean.toString(json));
    }

    /** Prints a message to the terminal; with the JSON format, logs it. */
    static void tell(String sentence) {
        if (json()) {
            Log.info(sentence);
        } else {
            System.out.println(sentence);
        }
    }

    /** Returns whether log lines are collected, so that they must not contain secrets. */
    static boolean json() {
        return Boolean.getBoolean(QUARKUS);
    }
}
