package dev.narthex.nix;

import dev.narthex.nix.Derivation.Output;
import dev.narthex.problem.Problem;
import dev.narthex.problem.ProblemException;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Parses and prints the text form of {@link Derivation}: one line without whitespace, with lists and maps sorted by bytes. */
final class DerivationText {
    private static final String BEGIN = "Derive(";

    private final byte[] text;
    private int position;

    private DerivationText(byte[] text) {
        this.text = text;
    }

    static Derivation parse(byte[] text) {
        if (text.length > Derivation.MAX_BYTES) {
            throw Problem.tooLarge("derivation", "A derivation has at most " + Derivation.MAX_BYTES + " bytes.");
        }
        return new DerivationText(text).derivation();
    }

    private Derivation derivation() {
        expect(BEGIN);
        var outputs = map(this::output);
        expect(",");
        var inputDrvs = map(this::strings);
        expect(",");
        var inputSrcs = sortedStrings();
        expect(",");
        var system = string();
        expect(",");
        var builder = string();
        expect(",");
        var args = strings();
        expect(",");
        var env = map(this::string);
        expect(")");
        if (position < text.length) {
            throw malformed("more bytes after the end.");
        }
        return new Derivation(outputs, inputDrvs, inputSrcs, system, builder, args, env);
    }

    private Output output() {
        var path = string();
        expect(",");
        var hashAlgo = string();
        expect(",");
        return new Output(path, hashAlgo, string());
    }

    private <V> SortedMap<String, V> map(Supplier<V> value) {
        var map = new TreeMap<String, V>(SurrogateEscapedText.BYTE_ORDER);
        expect("[");
        while (hasMore(map.isEmpty())) {
            expect("(");
            var key = string();
            expect(",");
            if (!map.isEmpty() && SurrogateEscapedText.BYTE_ORDER.compare(map.lastKey(), key) >= 0) {
                throw malformed("not sorted, or twice the same.");
            }
            map.put(key, value.get());
            expect(")");
        }
        return map;
    }

    private List<String> sortedStrings() {
        var strings = strings();
        for (int i = 1; i < strings.size(); i++) {
            if (SurrogateEscapedText.BYTE_ORDER.compare(strings.get(i - 1), strings.get(i)) >= 0) {
                throw malformed("not sorted, or twice the same.");
            }
        }
        return strings;
    }

    private List<String> strings() {
        var strings = new ArrayList<String>();
        expect("[");
        while (hasMore(strings.isEmpty())) {
            strings.add(string());
        }
        return strings;
    }

    /** Whether the list has another element. Consumes the comma or the closing bracket. */
    private boolean hasMore(boolean first) {
        if (position < text.length && text[position] == ']') {
            position++;
            return false;
        }
        if (!first) {
            expect(",");
        }
        return true;
    }

    private String string() {
        expect("\"");
        var string = new ByteArrayOutputStream();
        while (true) {
            byte b = nextByte();
            if (b == '"') {
                return SurrogateEscapedText.decode(string.toByteArray());
            }
            string.write(b == '\\' ? unescape(nextByte()) : b);
        }
    }

    private static int unescape(byte b) {
        return switch (b) {
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            default -> b;
        };
    }

    private byte nextByte() {
        if (position == text.length) {
            throw malformed("cut off here.");
        }
        return text[position++];
    }

    private void expect(String expected) {
        var bytes = expected.getBytes(StandardCharsets.US_ASCII);
        int end = position + bytes.length;
        if (end > text.length || !Arrays.equals(text, position, end, bytes, 0, bytes.length)) {
            throw malformed("expected " + expected);
        }
        position = end;
    }

    private ProblemException malformed(String hint) {
        return Problem.malformed("derivation", "byte " + position, hint);
    }

    static byte[] print(Derivation drv) {
        var out = new ByteArrayOutputStream();
        append(out, BEGIN);
        list(out, drv.outputs().entrySet(), entry -> {
            var output = entry.getValue();
            append(out, "(");
            join(out, entry.getKey(), output.path(), output.hashAlgo(), output.hash());
            append(out, ")");
        });
        append(out, ",");
        list(out, drv.inputDrvs().entrySet(), entry -> {
            append(out, "(");
            join(out, entry.getKey());
            append(out, ",");
            list(out, entry.getValue(), name -> join(out, name));
            append(out, ")");
        });
        append(out, ",");
        list(out, drv.inputSrcs(), path -> join(out, path));
        append(out, ",");
        join(out, drv.system(), drv.builder());
        append(out, ",");
        list(out, drv.args(), arg -> join(out, arg));
        append(out, ",");
        list(out, drv.env().entrySet(), entry -> {
            append(out, "(");
            join(out, entry.getKey(), entry.getValue());
            append(out, ")");
        });
        append(out, ")");
        return out.toByteArray();
    }

    private static <T> void list(ByteArrayOutputStream out, Iterable<T> items, Consumer<T> printer) {
        append(out, "[");
        var comma = "";
        for (var item : items) {
            append(out, comma);
            comma = ",";
            printer.accept(item);
        }
        append(out, "]");
    }

    /** Writes quoted strings, separated by commas. */
    private static void join(ByteArrayOutputStream out, String... strings) {
        var comma = "";
        for (var string : strings) {
            append(out, comma);
            comma = ",";
            out.write('"');
            for (byte b : SurrogateEscapedText.encode(string)) {
                escape(out, b);
            }
            out.write('"');
        }
    }

    private static void escape(ByteArrayOutputStream out, byte b) {
        switch (b) {
            case '"', '\\' -> {
                out.write('\\');
                out.write(b);
            }
            case '\n' -> append(out, "\\n");
            case '\r' -> append(out, "\\r");
            case '\t' -> append(out, "\\t");
            default -> out.write(b);
        }
    }

    private static void append(ByteArrayOutputStream out, String ascii) {
        out.writeBytes(ascii.getBytes(StandardCharsets.US_ASCII));
    }
}
