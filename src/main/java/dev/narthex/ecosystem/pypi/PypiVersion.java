package dev.narthex.ecosystem.pypi;

import dev.narthex.ecosystem.SortKeyBuilder;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A version as defined by PEP 440, appendix B, in any spelling that can be normalized. Missing parts are empty; a part without a
 * number has the number 0.
 *
 * @param release dot-separated numbers
 * @param preLetter a, b or rc
 */
record PypiVersion(String epoch, String release, String preLetter, String pre, String post, String dev, String local) {
    private static final int MAX_LENGTH = 200;
    private static final Pattern PEP440 = Pattern.compile("""
            \\s*+v?+(?:(?<epoch>[0-9]++)!)?+(?<release>[0-9]++(?:\\.[0-9]++)*+)\
            (?<pre>[-_.]?(?<letter>alpha|beta|preview|pre|a|b|c|rc)[-_.]?(?<n>[0-9]*+))?+\
            (?<post>-(?<post1>[0-9]++)|[-_.]?(?:post|rev|r)[-_.]?(?<post2>[0-9]*+))?+\
            (?<dev>[-_.]?dev[-_.]?(?<devn>[0-9]*+))?+\
            (?:\\+(?<local>[a-z0-9]++(?:[-_.][a-z0-9]++)*+))?+\\s*+""");

    static Optional<PypiVersion> parse(String text) {
        var m = PEP440.matcher(text.toLowerCase(Locale.ROOT));
        return text.length() <= MAX_LENGTH && m.matches() ? Optional.of(of(m)) : Optional.empty();
    }

    boolean prerelease() {
        return !pre.isEmpty() || !dev.isEmpty();
    }

    /** Returns a key whose unsigned byte order is version order. Texts that are not versions sort before all versions. */
    static byte[] key(String text) {
        return parse(text)
                .map(PypiVersion::key)
                .orElseGet(() -> new SortKeyBuilder().mark(0).text(text).toBytes());
    }

    private byte[] key() {
        var key = new SortKeyBuilder().mark(1).number(epoch);
        for (var number : release.replaceFirst("(?:\\.0+)+$", "").split("\\.")) {
            key.number(number);
        }
        key.mark(0);
        preKey(key);
        optional(key, post, 0, 1);
        optional(key, dev, 1, 0);
        localKey(key);
        return key.toBytes();
    }

    /** 1.0.dev1 sorts before 1.0a1, which sorts before 1.0 and 1.0.post1. */
    private void preKey(SortKeyBuilder key) {
        if (!pre.isEmpty()) {
            key.mark(
                            switch (preLetter) {
                                case "a" -> 1;
                                case "b" -> 2;
                                default -> 3;
                            })
                    .number(pre);
        } else {
            key.mark(post.isEmpty() && !dev.isEmpty() ? 0 : 4);
        }
    }

    private static void optional(SortKeyBuilder key, String number, int absent, int present) {
        if (number.isEmpty()) {
            key.mark(absent);
        } else {
            key.mark(present).number(number);
        }
    }

    private void localKey(SortKeyBuilder key) {
        if (!local.isEmpty()) {
            for (var segment : local.split("[-_.]")) {
                if (segment.matches("[0-9]+")) {
                    key.mark(2).number(segment);
                } else {
                    key.mark(1).text(segment);
                }
            }
        }
        key.mark(0);
    }

    private static PypiVersion of(Matcher m) {
        var letter = m.group("letter");
        return new PypiVersion(
                m.group("epoch") == null ? "0" : m.group("epoch"),
                m.group("release"),
                letter == null ? "" : letter(letter),
                number(m.group("pre"), m.group("n")),
                number(m.group("post"), m.group("post1") == null ? m.group("post2") : m.group("post1")),
                number(m.group("dev"), m.group("devn")),
                m.group("local") == null ? "" : m.group("local"));
    }

    private static String letter(String word) {
        return switch (word) {
            case "a", "alpha" -> "a";
            case "b", "beta" -> "b";
            default -> "rc";
        };
    }

    private static String number(@Nullable String part, @Nullable String digits) {
        if (part == null) {
            return "";
        }
        return digits == null || digits.isEmpty() ? "0" : digits;
    }
}
