package dev.narthex.spi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class UntrustedJsonTest {
    private final JsonMapper mapper = UntrustedJson.mapper().build();

    @Test
    void memberNamesAreNotInterned() throws IOException {
        var json = "{\"narthex-member-1\": 1}".getBytes(StandardCharsets.UTF_8);
        var first = mapper.readTree(json).fieldNames().next();
        var second = mapper.readTree(json).fieldNames().next();
        assertEquals(first, second);
        assertNotSame(first, second);
    }

    @Test
    void malformedUtf8IsMalformedJson() {
        for (var bytes : new byte[][] {
            {'"', (byte) 0xff, '"'}, {'"', (byte) 0xc3, '"'}, {'"', (byte) 0xed, (byte) 0xa0, (byte) 0x80, '"'}
        }) {
            assertThrows(JsonProcessingException.class, () -> mapper.readTree(bytes));
            assertThrows(JsonProcessingException.class, () -> mapper.readTree(new ByteArrayInputStream(bytes)));
        }
    }

    @Test
    void byteOrderMarkIsSkipped() throws IOException {
        assertEquals(
                7, mapper.readTree("\ufeff7".getBytes(StandardCharsets.UTF_8)).intValue());
        assertEquals(
                "a\ufeff",
                mapper.readTree("\"a\ufeff\"".getBytes(StandardCharsets.UTF_8)).textValue());
    }

    @Test
    void otherEncodingsAreRefused() {
        assertThrows(
                JsonProcessingException.class, () -> mapper.readTree("{\"a\":1}".getBytes(StandardCharsets.UTF_16BE)));
    }

    @Test
    void duplicateMembersCanBeRefused() {
        var strict = new JsonMapper(UntrustedJson.factoryWithoutDuplicates(StreamReadConstraints.defaults()));
        assertThrows(JsonProcessingException.class, () -> strict.readTree("{\"a\":1,\"a\":2}"));
    }
}
