package dev.narthex.web.diff;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class HashMaskTest {
    private static final String ONE = "8k3vq1x0gh5zfj2l4nrbyd7mwa6cs9pi";
    private static final String TWO = "zz3vq1x0gh5zfj2l4nrbyd7mwa6cs9pi";
    private static final String ZEROS = "\0".repeat(32);

    private final HashMask mask = new HashMask(List.of(ONE, TWO));

    @Test
    void knownHashPartsAreMasked() {
        assertEquals(ZEROS, mask.mask(ONE));
        assertEquals("/nix/store/" + ZEROS + "-x:" + ZEROS + "…", mask.mask("/nix/store/" + ONE + "-x:" + TWO + "…"));
        assertEquals("0" + ZEROS + ZEROS + "1", mask.mask("0" + ONE + ONE + "1"));
    }

    @Test
    void otherTextIsKept() {
        for (var text : List.of("", ONE.substring(1), ONE.replace('8', '9'), "u" + ONE.substring(1), "é".repeat(40))) {
            assertEquals(text, mask.mask(text));
        }
        assertEquals(ONE, new HashMask(List.of()).mask(ONE));
    }

    @Test
    void onlyReadBytesAreMasked() {
        var bytes = ONE.getBytes(StandardCharsets.US_ASCII);
        assertEquals(false, mask.mask(bytes, 31));
        assertEquals(true, mask.mask(bytes, 32));
    }
}
