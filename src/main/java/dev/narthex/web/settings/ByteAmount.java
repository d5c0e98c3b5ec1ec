package dev.narthex.web.settings;

import dev.narthex.problem.Problem;
import java.math.BigDecimal;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/** Parses and formats sizes such as {@code 100 GiB}, {@code 1.5 TiB} or {@code 4096}. An empty text means no limit. */
final class ByteAmount {
    private static final List<String> UNITS = List.of("", "KiB", "MiB", "GiB", "TiB", "PiB");
    private static final Pattern TEXT = Pattern.compile(
            "(\\d{1,18}(?:\\.\\d{1,6})?)\\s*(?:(K|M|G|T|P)(?:i?B)?|B|bytes?)?", Pattern.CASE_INSENSITIVE);

    private ByteAmount() {}

    /**
     * Parses a size.
     *
     * @throws dev.narthex.problem.ProblemException Malformed, naming the field
     */
    static Optional<Long> parse(String field, String text) {
        var given = text.strip();
        if (given.isEmpty()) {
            return Optional.empty();
        }
        var matcher = TEXT.matcher(given);
        if (!matcher.matches()) {
            throw malformed(field, given);
        }
        var unit = Optional.ofNullable(matcher.group(2)).orElse("").toUpperCase(Locale.ROOT);
        int steps = " KMGTP".indexOf(unit.isEmpty() ? " " : unit);
        var bytes = new BigDecimal(matcher.group(1)).multiply(BigDecimal.valueOf(1L << (10 * steps)));
        if (bytes.compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) > 0 || bytes.compareTo(BigDecimal.ONE) < 0) {
            throw malformed(field, given);
        }
        return Optional.of(bytes.longValue());
    }

    private static RuntimeException malformed(String field, String given) {
        return Problem.malformed(
                field, given, "enter a size such as 100 GiB or 1.5 TiB, or leave it empty for no limit.");
    }

    /** Formats a size in the largest unit without a fraction, so that parsing the text yields the same number. */
    static String text(Optional<Long> bytes) {
        return bytes.map(number -> {
                    int steps = Math.min(Long.numberOfTrailingZeros(number) / 10, UNITS.size() - 1);
                    return steps == 0 ? Long.toString(number) : (number >> (10 * steps)) + " " + UNITS.get(steps);
                })
                .orElse("");
    }
}
