package dev.narthex.http;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A single byte range of a request, in absolute offsets (RFC 9110 §14.1.2). Multiple ranges, other units and invalid values are
 * ignored, as that section allows: the response is then the whole content.
 *
 * @param from offset of the first byte
 * @param count number of bytes; 0 marks an unsatisfiable range (416)
 */
record ByteRange(long from, long count) {
    private static final Pattern SINGLE_RANGE =
            Pattern.compile("bytes=(\\d{0,18})-(\\d{0,18})", Pattern.CASE_INSENSITIVE);

    static Optional<ByteRange> parse(String header, long length) {
        var matcher = SINGLE_RANGE.matcher(header.replace(" ", ""));
        if (!matcher.matches()
                || (matcher.group(1).isEmpty() && matcher.group(2).isEmpty())) {
            return Optional.empty();
        }
        if (matcher.group(1).isEmpty()) {
            long suffixLength = Math.min(Long.parseLong(matcher.group(2)), length);
            return Optional.of(new ByteRange(length - suffixLength, suffixLength));
        }
        long from = Long.parseLong(matcher.group(1));
        long to = matcher.group(2).isEmpty() ? Long.MAX_VALUE : Long.parseLong(matcher.group(2));
        if (to < from) {
            return Optional.empty();
        }
        return Optional.of(
                from >= length ? new ByteRange(from, 0) : new ByteRange(from, Math.min(to, length - 1) - from + 1));
    }

    boolean isSatisfiable() {
        return count > 0;
    }
}
