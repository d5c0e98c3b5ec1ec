package dev.narthex.web.page;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * The type of a file, detected from its first bytes, because publishers choose file names freely. Only images have a specific
 * media type; all other files are served as plain text or bytes.
 *
 * @param words description for display; empty for text
 * @param mediaType media type with which the file is served
 */
public record FileKind(String words, String mediaType, boolean image, boolean text) {
    public static final int HEAD = 4096;

    private static final FileKind TEXT = new FileKind("", "text/plain; charset=utf-8", false, true);
    private static final FileKind SVG = new FileKind("SVG image", "image/svg+xml", true, true);
    private static final String BYTES = "application/octet-stream";

    private record Magic(byte[] prefix, FileKind kind) {}

    private static final List<Magic> MAGIC = List.of(
            magic("\u0089PNG\r\n", image("PNG image", "image/png")),
            magic("\u00ff\u00d8\u00ff", image("JPEG image", "image/jpeg")),
            magic("GIF8", image("GIF image", "image/gif")),
            magic("\u007fELF", binary("ELF binary")),
            magic("\u001f\u008b", binary("gzip archive")),
            magic("PK\u0003\u0004", binary("ZIP archive")),
            magic("\u00fd7zXZ\u0000", binary("xz archive")),
            magic("\u0028\u00b5\u002f\u00fd", binary("zstd archive")),
            magic("BZh", binary("bzip2 archive")),
            magic("!<arch>\n", binary("static library")),
            magic("\u00fe\u00ed\u00fa", binary("Mach-O binary")),
            magic("\u00cf\u00fa\u00ed\u00fe", binary("Mach-O binary")),
            magic("MZ\u0090\u0000", binary("Windows binary")),
            magic("\u00ca\u00fe\u00ba\u00be", binary("Java class")),
            magic("\u0000asm", binary("WebAssembly module")),
            magic("wOF", binary("web font")),
            magic("%PDF-", binary("PDF document")),
            magic("SQLite format 3", binary("SQLite database")),
            magic("\u00de\u0012\u0004\u0095", binary("message catalog")));

    /** @param head the first bytes, at most {@link #HEAD} */
    public static FileKind of(byte[] head) {
        for (var magic : MAGIC) {
            int length = magic.prefix.length;
            if (head.length >= length && Arrays.equals(head, 0, length, magic.prefix, 0, length)) {
                return magic.kind;
            }
        }
        if (isWebp(head)) {
            return image("WebP image", "image/webp");
        }
        if (!isText(head)) {
            return binary("binary data");
        }
        return isSvg(head) ? SVG : TEXT;
    }

    /** Returns whether the bytes are UTF-8 without NUL. A character truncated at the end is allowed. */
    private static boolean isText(byte[] bytes) {
        for (var b : bytes) {
            if (b == 0) {
                return false;
            }
        }
        CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
        return !decoder.decode(ByteBuffer.wrap(bytes), CharBuffer.allocate(bytes.length + 1), false)
                .isError();
    }

    private static boolean isSvg(byte[] head) {
        var start = new String(head, StandardCharsets.UTF_8).stripLeading();
        return start.startsWith("<svg") || (start.startsWith("<?xml") && start.contains("<svg"));
    }

    private static boolean isWebp(byte[] head) {
        return head.length >= 12 && new String(head, 0, 12, StandardCharsets.ISO_8859_1).matches("(?s)RIFF.{4}WEBP");
    }

    private static FileKind image(String words, String mediaType) {
        return new FileKind(words, mediaType, true, false);
    }

    private static FileKind binary(String words) {
        return new FileKind(words, BYTES, false, false);
    }

    private static Magic magic(String prefix, FileKind kind) {
        return new Magic(prefix.getBytes(StandardCharsets.ISO_8859_1), kind);
    }
}
