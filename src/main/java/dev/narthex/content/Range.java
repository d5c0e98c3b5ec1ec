package dev.narthex.content;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A single byte range of a request, in absolute offsets (RFC 9110 §14.1.2). Multiple ranges, other units and invalid values are
 * ignored, as that section allows: the response is then the whole content.
 *
 * @param from offset of the first byte
 * @param count number of bytes; 0 marks an unsatisfiable range (416)
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
