package dev.narthex.ecosystem;

import java.util.Locale;
import java.util.Optional;

/** An Accept header (RFC 9110 §12.5.1), asked for one media type at a time. */
public final class Accept {
    private final String header;

    /** @param header absent means that everything is welcome */
    public Accept(Optional<String> header) {
        this.header = header.filter(h -> !h.isBlank()).orElse("*/*");
    }

    /**
     * How welcome a type is, from 0 (not) to 1; the most specific range decides.
     *
     * @param type media type without parameters, in lower case
     */
    public double quality(String type) {
        double found = 0;
        int foundRank = 0;
        for (var range : header.split(",", -1)) {
            var parts = range.split(";", -1);
            int rank = rank(parts[0].strip(), type);
            if (rank > foundRank) {
                foundRank = rank;
                found = weight(parts);
            }
        }
        return found;
    }

    /** Whether the type itself is named, not only by a wildcard, and not refused. */
    public boolean names(String type) {
        for (var range : header.split(",", -1)) {
            var parts = range.split(";", -1);
            if (parts[0].strip().equalsIgnoreCase(type) && weight(parts) > 0) {
                return true;
            }
        }
        return false;
    }

    private static int rank(String range, String type) {
        if (range.equalsIgnoreCase(type)) {
            return 3;
        }
        if (range.equals("*/*") || range.equals("*")) {
            return 1;
        }
        return range.endsWith("/*")
                        && type.startsWith(
                                range.substring(0, range.length() - 1).toLowerCase(Locale.ROOT))
                ? 2
                : 0;
    }

    /** What cannot be read counts as 0: a client that asks so oddly is better served with another form. */
    private static double weight(String[] parts) {
        for (int i = 1; i < parts.length; i++) {
            var parameter = parts[i].strip();
            if (parameter.startsWith("q=") || parameter.startsWith("Q=")) {
                var digits = parameter.substring(2).strip();
                return digits.matches("0(\\.[0-9]{0,3})?|1(\\.0{0,3})?") ? Double.parseDouble(digits) : 0;
            }
        }
        return 1;
    }
}
