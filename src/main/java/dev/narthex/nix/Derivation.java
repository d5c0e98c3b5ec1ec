package dev.narthex.nix;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A build recipe, the content of a {@code .drv} file (NixOS/nix src/libstore/derivations.cc). Strings are {@link
 * SurrogateEscapedText},
 * because Nix allows any bytes.
 *
 * @param outputs outputs by name, such as {@code out}
 * @param inputDrvs full paths of derivations with the names of their required outputs
 * @param inputSrcs full paths, sorted
 * @param system such as {@code x86_64-linux}
 * @param env environment of the builder; with structured attributes it contains little more than {@code __json}
 */
public record Derivation(
        SortedMap<String, Output> outputs,
        SortedMap<String, List<String>> inputDrvs,
        List<String> inputSrcs,
        String system,
        String builder,
        List<String> args,
        SortedMap<String, String> env) {
    /** Maximum size of a file in bytes. */
    public static final int MAX_BYTES = 16 * 1024 * 1024;

    private static final String STRUCTURED_ATTRS = "__json";

    /**
     * An output. The type determines which fields are set: input-addressed: only the path; fixed: all; floating
     * content-addressed: only the algorithm. The others are empty.
     *
     * @param path full store path
     * @param hashAlgo such as {@code sha256}, with the prefix {@code r:} if the hash is that of the NAR
     * @param hash in hex
     */
    public record Output(String path, String hashAlgo, String hash) {
        public Output {
            if (!path.isEmpty()) {
                StorePath.parse(path);
            }
        }

        /** Whether the content is known before the build, as for a downloaded source. */
        public boolean isFixed() {
            return !hash.isEmpty();
        }
    }

    public Derivation {
        outputs = sorted(outputs);
        inputDrvs = sorted(inputDrvs);
        inputSrcs = List.copyOf(inputSrcs);
        args = List.copyOf(args);
        env = sorted(env);
        inputDrvs.keySet().forEach(StorePath::parse);
        inputSrcs.forEach(StorePath::parse);
    }

    /** Parses a {@code .drv} file. The newer {@code DrvWithVersion} form is rejected; callers keep such files unparsed. */
    public static Derivation parse(byte[] text) {
        return DerivationText.parse(text);
    }

    /** Returns exactly the bytes that Nix writes. */
    public byte[] text() {
        return DerivationText.print(this);
    }

    /** Returns the name including the version; it is also the name of the first output's path. */
    public Optional<String> name() {
        return attribute("name");
    }

    /** Returns the attributes as JSON if the derivation uses {@code __structuredAttrs}. */
    public Optional<String> structuredAttrs() {
        return Optional.ofNullable(env.get(STRUCTURED_ATTRS));
    }

    /** Returns a string from the environment or, if absent there, from the structured attributes. */
    public Optional<String> attribute(String name) {
        return Optional.ofNullable(env.get(name)).or(() -> structuredAttrs().flatMap(json -> findMember(json, name)));
    }

    private static Optional<String> findMember(String json, String name) {
        var reader = new JsonPullParser(json, STRUCTURED_ATTRS);
        Optional<String> value = Optional.empty();
        for (var object = reader.beginObject(); object.next(); ) {
            if (object.key().equals(name) && reader.isStringNext()) {
                value = Optional.of(reader.readString());
            } else {
                reader.skipValue();
            }
        }
        return value;
    }

    private static <V> SortedMap<String, V> sorted(Map<String, V> map) {
        var sorted = new TreeMap<String, V>(SurrogateEscapedText.BYTE_ORDER);
        sorted.putAll(map);
        return Collections.unmodifiableSortedMap(sorted);
    }
}
