package dev.narthex.spi;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.ByteArrayInputStream;
import java.io.FilterReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/**
 * Creates Jackson parsers for JSON from outside, which is all JSON in Narthex. By default Jackson caches every member name in a
 * process-wide table and interns it in the JVM. With names that never repeat, this takes ten times as long as parsing and slows
 * down all other threads. Here names are ordinary strings.
 *
 * <p>Without that table Jackson would replace malformed UTF-8 with U+FFFD. These parsers reject it like other malformed JSON, and
 * also reject any encoding other than UTF-8 (RFC 8259 §8.1).
 */
public final class UntrustedJson {
    private UntrustedJson() {}

    public static JsonFactory factory() {
        return factory(StreamReadConstraints.defaults());
    }

    public static JsonFactory factory(StreamReadConstraints limits) {
        return new Utf8Factory(builder(limits));
    }

    /** Returns a factory that rejects objects with duplicate members. */
    public static JsonFactory factoryWithoutDuplicates(StreamReadConstraints limits) {
        return new Utf8Factory(builder(limits).enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION));
    }

    public static JsonMapper.Builder mapper() {
        return JsonMapper.builder(factory());
    }

    private static JsonFactoryBuilder builder(StreamReadConstraints limits) {
        return new JsonFactoryBuilder()
                .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
                .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
                .streamReadConstraints(limits);
    }

    private static final class Utf8Factory extends JsonFactory {
        private static final long serialVersionUID = 1L;

        Utf8Factory(JsonFactoryBuilder builder) {
            super(builder);
        }

        @Override
        public JsonParser createParser(InputStream in) throws IOException {
            return createParser(new Utf8(in));
        }

        @Override
        public JsonParser createParser(byte[] bytes) throws IOException {
            return createParser(bytes, 0, bytes.length);
        }

        @Override
        public JsonParser createParser(byte[] bytes, int offset, int length) throws IOException {
            return createParser(new ByteArrayInputStream(bytes, offset, length));
        }
    }

    /** Fails on malformed UTF-8 as the parser does on malformed JSON. Skips a byte order mark, as Jackson does. */
    private static final class Utf8 extends FilterReader {
        private static final char BYTE_ORDER_MARK = '\ufeff';

        private boolean started;

        Utf8(InputStream in) {
            super(new InputStreamReader(
                    in,
                    StandardCharsets.UTF_8
                            .newDecoder()
                            .onMalformedInput(CodingErrorAction.REPORT)
                            .onUnmappableCharacter(CodingErrorAction.REPORT)));
        }

        @Override
        public int read(char[] chars, int offset, int length) throws IOException {
            try {
                int n = in.read(chars, offset, length);
                if (!started && n > 0) {
                    started = true;
                    if (chars[offset] == BYTE_ORDER_MARK) {
                        System.arraycopy(chars, offset + 1, chars, offset, n - 1);
                        return n == 1 ? read(chars, offset, length) : n - 1;
                    }
                }
                return n;
            } catch (CharacterCodingException e) {
                throw new JsonParseException(null, "malformed UTF-8", e);
            }
        }
    }
}
