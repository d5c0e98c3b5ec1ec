package dev.narthex.problem;

import java.util.List;

/** Formats untrusted text for problem details: short and on one line. */
final class DetailText {
    private static final int SHOWN = 200;
    private static final int LISTED = 5;

    private DetailText() {}

    /** Truncates to 200 characters and replaces control characters and lone surrogates: the input may be hostile and long. */
    static String shorten(String s) {
        var line = s.length() > SHOWN ? s.substring(0, SHOWN) + "…" : s;
        return line.codePoints()
                .map(c -> Character.isISOControl(c) || Character.getType(c) == Character.SURROGATE ? '\uFFFD' : c)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }

    static String list(List<String> names) {
        var shown = String.join(", ", names.subList(0, Math.min(LISTED, names.size())));
        return names.size() <= LISTED ? shown : shown + " and " + (names.size() - LISTED) + " more";
    }
}
