package dev.narthex.web.page;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class FileKindTest {
    @Test
    void fileKindFollowsTheBytes() {
        assertEquals("image/png", of("\u0089PNG\r\n\u001a\n").mediaType());
        assertEquals("ELF binary", of("\u007fELF\u0002").words());
        assertEquals("image/webp", of("RIFF....WEBPVP8 ").mediaType());
        assertEquals("text/plain; charset=utf-8", of("<html><script>").mediaType());
        assertEquals("application/octet-stream", of("a\u0000b").mediaType());
        assertEquals("application/octet-stream", of("\u00ff\u00fe\u0000x").mediaType());
    }

    @Test
    void svgIsAnImageThatIsNotServedInline() {
        for (var start : new String[] {"<svg>", "\n <svg xmlns='x'>", "<?xml version='1.0'?>\n<svg>"}) {
            assertTrue(of(start).image() && of(start).text(), start);
        }
        assertFalse(of("about <svg>").image());
    }

    @Test
    void truncatedCharacterIsStillText() {
        var bytes = "grün".getBytes(StandardCharsets.UTF_8);
        assertTrue(FileKind.of(Arrays.copyOf(bytes, 3)).text());
        assertTrue(FileKind.of(new byte[0]).text());
    }

    private static FileKind of(String bytes) {
        return FileKind.of(bytes.getBytes(StandardCharsets.ISO_8859_1));
    }
}
