package dev.narthex.nix;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.function.UnaryOperator;

/** Builds archives token by token, so that they can be invalid in any way. Texts are Latin-1: one character is one byte. */
final class HandmadeNar {
    private HandmadeNar() {}

    static byte[] nar(byte[] node) {
        return join(string("nix-archive-1"), node);
    }

    static byte[] string(String text) {
        return string(text, 0);
    }

    static byte[] string(String text, int padding) {
        var bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        var out = new ByteArrayOutputStream();
        out.writeBytes(length(bytes.length));
        out.writeBytes(bytes);
        for (int i = bytes.length; i % 8 != 0; i++) {
            out.write(padding);
        }
        return out.toByteArray();
    }

    static byte[] length(long length) {
        var out = new ByteArrayOutputStream();
        for (int i = 0; i < 8; i++) {
            out.write((int) (length >>> (8 * i)));
        }
        return out.toByteArray();
    }

    static byte[] tags(String... tags) {
        var out = new ByteArrayOutputStream();
        for (var tag : tags) {
            out.writeBytes(string(tag));
        }
        return out.toByteArray();
    }

    static byte[] file(String content) {
        return tags("(", "type", "regular", "contents", content, ")");
    }

    static byte[] executable(String content, String marker) {
        return tags("(", "type", "regular", "executable", marker, "contents", content, ")");
    }

    static byte[] link(String target) {
        return tags("(", "type", "symlink", "target", target, ")");
    }

    static byte[] directory(byte[]... entries) {
        return join(tags("(", "type", "directory"), join(entries), string(")"));
    }

    static byte[] entry(String name, byte[] node) {
        return join(tags("entry", "(", "name", name, "node"), node, string(")"));
    }

    /** A file below nested directories. */
    static byte[] deep(int directories) {
        return repeated(file("x"), node -> directory(entry("d", node)), directories);
    }

    static byte[] join(byte[]... parts) {
        var out = new ByteArrayOutputStream();
        for (var part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }

    private static byte[] repeated(byte[] node, UnaryOperator<byte[]> step, int times) {
        var result = node;
        for (int i = 0; i < times; i++) {
            result = step.apply(result);
        }
        return result;
    }
}
