package dev.narthex.ops;

import io.quarkus.logging.Log;

/** In which form log lines are written: for people, or as JSON for what collects them. */
final class Logs {
    private static final String SETTING = "narthex.log.format";
    private static final String AS_JSON = "json";
    private static final String QUARKUS = "quarkus.log.console.json.enabled";

    private Logs() {}

    /** To be called with settings that were checked, before there is a log. */
    static void configure(Given settings) {
        boolean json = settings.value(SETTING).filter(AS_JSON::equals).isPresent();
        System.setProperty(QUARKUS, Boolean.toString(json));
    }

    /** Tells the person at the terminal; where lines are collected, in a line like the others. */
    static void tell(String sentence) {
        if (json()) {
            Log.info(sentence);
        } else {
            System.out.println(sentence);
        }
    }

    /** Whether what is written is kept by others, so that it should hold no secret. */
    static boolean json() {
        return Boolean.getBoolean(QUARKUS);
    }
}
