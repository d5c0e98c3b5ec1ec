package dev.narthex.nix;

import dev.narthex.problem.Problem;
import dev.narthex.problem.ProblemException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/** Parses and prints the text form of {@link NarInfo}. */
final class NarInfoText {
    private static final String DEFAULT_COMPRESSION = "bzip2";
    private static final String UNKNOWN_DERIVER = "unknown-deriver";
    private static final int MAX_NUMBER_LENGTH = 18;

    /** Known keys that must not be repeated; {@code Sig} may be. */
    private static final Set<String> KEYS = Set.of(
            "StorePath",
            "URL",
            "Compression",
            "FileHash",
            "FileSize",
            "NarHash",
            "NarSize",
            "References",
            "Deriver",
            "CA");

    private final Map<String, String> values = new HashMap<>();
    private final List<Signature> sigs = new ArrayList<>();

    private NarInfoText() {}

    static NarInfo parse(String text) {
        if (text.length() > NarInfo.MAX_TEXT_LENGTH) {
            throw Problem.tooLarge("narinfo", "A narinfo has at most " + NarInfo.MAX_TEXT_LENGTH + " characters.");
        }
        var parser = new NarInfoText();
        for (int from = 0; from < text.length(); ) {
            int end = text.indexOf('\n', from);
            if (end < 0) {
                throw malformed(text.substring(from), "the last line does not end in a line feed.");
            }
            parser.line(text.substring(from, end));
            from = end + 1;
        }
        return parser.narInfo();
    }

    static String print(NarInfo info) {
        var text = new StringBuilder();
        line(text, "StorePath", info.path().toString());
        line(text, "URL", info.url());
        line(text, "Compression", info.compression());
        info.fileHash().ifPresent(hash -> line(text, "FileHash", hash.toString()));
        info.fileSize().ifPresent(size -> line(text, "FileSize", Long.toString(size)));
        line(text, "NarHash", info.narHash().toString());
        line(text, "NarSize", Long.toString(info.narSize()));
        line(text, "References", String.join(" ", info.references()));
        info.deriver().ifPresent(deriver -> line(text, "Deriver", deriver));
        info.sigs().forEach(sig -> line(text, "Sig", sig.toString()));
        info.ca().ifPresent(ca -> line(text, "CA", ca.toString()));
        return text.toString();
    }

    private static void line(StringBuilder text, String key, String value) {
        text.append(key).append(": ").append(value).append('\n');
    }

    private void line(String line) {
        int colon = line.indexOf(": ");
        if (colon <= 0) {
            throw malformed(line, "expected a key, a colon, a space and a value.");
        }
        if (line.indexOf('\r') >= 0) {
            throw malformed(line, "lines must end in a line feed alone, without a carriage return.");
        }
        var key = line.substring(0, colon);
        var value = line.substring(colon + 2);
        if (key.equals("Sig")) {
            sigs.add(Signature.parse(value));
        } else if (KEYS.contains(key) && values.put(key, value) != null) {
            throw malformed(line, key + " occurs twice.");
        }
    }

    private NarInfo narInfo() {
        return new NarInfo(
                StorePath.parse(required("StorePath")),
                required("URL"),
                optional("Compression").orElse(DEFAULT_COMPRESSION),
                optional("FileHash").map(NixHash::parse),
                optional("FileSize")
                        .map(size -> OptionalLong.of(parseNumber("FileSize", size)))
                        .orElse(OptionalLong.empty()),
                NixHash.parse(required("NarHash")),
                parseNumber("NarSize", required("NarSize")),
                references(),
                Optional.ofNullable(values.get("Deriver")).filter(deriver -> !deriver.equals(UNKNOWN_DERIVER)),
                sigs,
                optional("CA").map(ContentAddress::parse));
    }

    private List<String> references() {
        return optional("References").map(line -> List.of(line.split(" ", -1))).orElse(List.of());
    }

    private String required(String key) {
        return optional(key).orElseThrow(() -> malformed(key, key + " is missing."));
    }

    private Optional<String> optional(String key) {
        return Optional.ofNullable(values.get(key)).filter(value -> !value.isEmpty());
    }

    private static long parseNumber(String key, String digits) {
        boolean isDecimal = digits.chars().allMatch(c -> c >= '0' && c <= '9');
        if (digits.isEmpty() || digits.length() > MAX_NUMBER_LENGTH || !isDecimal) {
            throw Problem.malformed(key, digits, "expected a whole number of bytes.");
        }
        return Long.parseLong(digits);
    }

    private static ProblemException malformed(String given, String hint) {
        return Problem.malformed("narinfo", given, hint);
    }
}
