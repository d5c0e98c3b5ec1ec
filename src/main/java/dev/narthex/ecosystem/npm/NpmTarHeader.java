package dev.narthex.ecosystem.npm;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The tar header of a file, byte for byte as {@code npm pack} writes it (isaacs/node-tar src/header.ts, src/pax.ts; npm/pacote
 * lib/util/tar-create-options.js): ustar, no owner, a constant date.
 *
 * @param path with slashes, beginning with {@code package/}
 */
record NpmTarHeader(String path, long size, boolean executable) {
    static final int BLOCK = 512;

    /** 1985-10-26T08:15:00Z, npm's constant: zip cannot represent dates near the epoch. */
    private static final long DATE = 499_162_500;

    private static final int NAME = 100;
    private static final int PREFIX = 155;
    private static final int CHECKSUM = 148;

    /** Returns the header block, preceded by an extended header if the path does not fit. */
    byte[] bytes() {
        var split = SplitPath.of(path);
        var out = new ByteArrayOutputStream();
        if (split.extended) {
            out.writeBytes(extended());
        }
        out.writeBytes(block(split, executable ? 0755 : 0644, size, '0'));
        return out.toByteArray();
    }

    private byte[] extended() {
        var records = (record("path", path)
                        + record("mtime", Long.toString(DATE))
                        + record("size", Long.toString(size)))
                .getBytes(StandardCharsets.UTF_8);
        var name = "PaxHeader/" + path.substring(path.lastIndexOf('/') + 1);
        var split = SplitPath.of(name.substring(0, Math.min(name.length(), NAME - 1)));
        var out = new ByteArrayOutputStream();
        out.writeBytes(block(split, 0644, records.length, 'x'));
        out.writeBytes(Arrays.copyOf(records, records.length + padding(records.length)));
        return out.toByteArray();
    }

    /** The length at the beginning of a record includes itself. */
    private static String record(String key, String value) {
        var rest = " " + key + "=" + value + "\n";
        int length = rest.getBytes(StandardCharsets.UTF_8).length;
        int digits = Integer.toString(length).length();
        if (Integer.toString(length + digits).length() > digits) {
            digits++;
        }
        return (length + digits) + rest;
    }

    private static byte[] block(SplitPath path, int mode, long size, char type) {
        var block = new byte[BLOCK];
        put(block, 0, NAME, path.name);
        put(block, 100, 8, octal(mode, 6));
        put(block, 124, 12, octal(size, 10));
        put(block, 136, 12, octal(DATE, 10));
        block[156] = (byte) type;
        put(block, 257, 8, "ustar\000000");
        put(block, 329, 8, octal(0, 6));
        put(block, 337, 8, octal(0, 6));
        put(block, 345, PREFIX, path.prefix);
        Arrays.fill(block, CHECKSUM, CHECKSUM + 8, (byte) ' ');
        int sum = 0;
        for (byte b : block) {
            sum += b & 0xff;
        }
        put(block, CHECKSUM, 8, octal(sum, 6));
        return block;
    }

    /** Digits, a space and NUL; an additional digit replaces the space. */
    private static String octal(long value, int digits) {
        var text = Long.toOctalString(value);
        return text.length() > digits ? text + "\0" : "0".repeat(digits - text.length()) + text + " \0";
    }

    /** Writes as much of the text as fits, in whole characters. */
    private static void put(byte[] block, int at, int length, String text) {
        int left = length;
        for (int point : text.codePoints().toArray()) {
            var bytes = Character.toString(point).getBytes(StandardCharsets.UTF_8);
            if (bytes.length > left) {
                return;
            }
            System.arraycopy(bytes, 0, block, at + length - left, bytes.length);
            left -= bytes.length;
        }
    }

    /** Number of zero bytes after content of this size. */
    static int padding(long size) {
        return (int) (-size & (BLOCK - 1));
    }

    /** How a path is split into header fields, and whether an extended header must contain the full path. */
    private record SplitPath(String name, String prefix, boolean extended) {
        static SplitPath of(String path) {
            var place = split(path);
            return new SplitPath(
                    place.name, place.prefix, place.extended || !ascii(place.name) || !ascii(place.prefix));
        }

        private static SplitPath split(String path) {
            if (length(path) < NAME) {
                return new SplitPath(path, "", false);
            }
            int slash = path.lastIndexOf('/');
            while (slash > 0) {
                var prefix = path.substring(0, slash);
                var name = path.substring(slash + 1);
                if (length(prefix) <= PREFIX) {
                    boolean fits = length(name) <= NAME;
                    return new SplitPath(fits ? name : cut(name), prefix, !fits);
                }
                slash = path.lastIndexOf('/', slash - 1);
            }
            return new SplitPath(cut(path), "", true);
        }

        private static String cut(String text) {
            return text.substring(0, Math.min(text.length(), NAME - 1));
        }

        private static boolean ascii(String text) {
            return text.chars().allMatch(c -> c < 0x80);
        }

        private static int length(String text) {
            return text.getBytes(StandardCharsets.UTF_8).length;
        }
    }
}
