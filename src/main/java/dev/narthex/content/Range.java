package dev.narthex.content;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * One byte range of a request, made absolute (RFC 9110 §14.1.2). Several ranges, other units and nonsense are ignored, as
 * the section allows: the answer is then the whole.
 *
 * @param from first byte
 * @param count number of bytes; 0 marks a range that no byte satisfies (416)
 */
record Range(long from, long count) {
    private static final Pattern ONE = Pattern.compile("bytes=(\\d{0,18})-(\\d{0,18})", Pattern.CASE_INSENSITIVE);

    static Optional<Range> parse(String header, long length) {
        var m = ONE.matcher(header.replace(" ", ""));
        if (!m.matches() || (m.group(1).isEmpty() && m.group(2).isEmpty())) {
            return Optional.empty();
        }
        if (m.group(1).isEmpty()) {
            long last = Math.min(Long.parseLong(m.group(2)), length);
            return Optional.of(new Range(length - last, last));
        }
        long from = Long.parseLong(m.group(1));
        long to = m.group(2).isEmpty() ? Long.MAX_VALUE : Long.parseLong(m.group(2));
        if (to < from) {
            return Optional.empty();
        }
        return Optional.of(from >= length ? new Range(from, 0) : new Range(from, Math.min(to, length - 1) - from + 1));
    }

    boolean satisfiable() {
        return count > 0;
    }
}
