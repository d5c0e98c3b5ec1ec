package dev.narthex.archive;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Decodes texts and numbers in tar headers. */
final class TarFields {
    private TarFields() {}

    /** Returns the path of an entry; ustar stores the front of a long path in a prefix field. */
    static String path(byte[] header) {
        var name = text(Arrays.copyOf(header, 100));
        var prefix = text(Arrays.copyOfRange(header, 345, 500));
        boolean posix = text(Arrays.copyOfRange(header, 257, 263)).equals("ustar");
        return posix && !prefix.isEmpty() ? prefix + "/" + name : name;
    }

    /** Returns the link target of an entry. */
    static String link(byte[] header) {
        return text(Arrays.copyOfRange(header, 157, 257));
    }

    /** Decodes up to the first NUL; bytes that are not UTF-8 become U+FFFD. */
    static String text(byte[] field) {
        int end = 0;
        while (end < field.length && field[end] != 0) {
            end++;
        }
        return new String(field, 0, end, StandardCharsets.UTF_8);
    }

    /** Parses octal digits. Base 256, marked by the top bit, is rejected: GNU tar uses it only for sizes of 8 GiB and more. */
    static long number(byte[] field) throws ArchiveRejectedException {
        if ((field[0] & 0x80) != 0) {
            throw new ArchiveRejectedException("The tar has a number of more than 33 bits.");
        }
        var digits = text(field).strip();
        if (digits.isEmpty()) {
            return 0;
        }
        if (!digits.matches("[0-7]{1,12}")) {
            throw new ArchiveRejectedException("The tar contains a number that is not octal.");
        }
        return Long.parseLong(digits, 8);
    }

    /** Parses pax records of the form "length key=value newline"; the length includes itself. */
    static TarReader.ExtendedHeader pax(byte[] data, TarReader.ExtendedHeader before) throws ArchiveRejectedException {
        var result = before;
        int at = 0;
        while (at < data.length && data[at] != 0) {
            int space = at;
            while (space < data.length && data[space] != ' ') {
                space++;
            }
            int end = at + length(new String(data, at, space - at, StandardCharsets.ISO_8859_1));
            if (end > data.length || end <= space + 1 || data[end - 1] != '\n') {
                throw new ArchiveRejectedException("The tar has a pax header that cannot be read.");
            }
            var pair = new String(data, space + 1, end - 1 - (space + 1), StandardCharsets.UTF_8);
            result = with(result, pair);
            at = end;
        }
        return result;
    }

    private static int length(String digits) throws ArchiveRejectedException {
        if (!digits.matches("[0-9]{1,6}")) {
            throw new ArchiveRejectedException("The tar has a pax header that cannot be read.");
        }
        return Integer.parseInt(digits);
    }

    private static TarReader.ExtendedHeader with(TarReader.ExtendedHeader before, String pair)
            throws ArchiveRejectedException {
        int equals = pair.indexOf('=');
        var value = pair.substring(equals + 1);
        return switch (pair.substring(0, Math.max(equals, 0))) {
            case "path" -> before.withPath(value);
            case "linkpath" -> before.withLink(value);
            case "size" -> {
                if (!value.matches("[0-9]{1,18}")) {
                    throw new ArchiveRejectedException("The tar contains a pax size that is not a number.");
                }
                yield before.withSize(Long.parseLong(value));
            }
            default -> before;
        };
    }
}
