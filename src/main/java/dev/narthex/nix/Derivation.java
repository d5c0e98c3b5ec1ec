package dev.narthex.nix;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A build step, the content of a {@code .drv} (NixOS/nix src/libstore/derivations.cc). Strings are {@link ByteText}, for
 * Nix takes any bytes.
 *
 * @param outputs by name, {@code out} for example
 * @param inputDrvs names of the wanted outputs by full path of the derivation
 * @param inputSrcs full paths, sorted
 * @param system {@code x86_64-linux} for example
 * @param env the environment of the builder; with structured attributes little but {@code __json}
 */
public record Derivation(
        SortedMap<String, Output> outputs,
        SortedMap<String, List<String>> inputDrvs,
        List<String> inputSrcs,
        String system,
        String builder,
        List<String> args,
        SortedMap<String, String> env) {
    /** Longest file that is read, in bytes. */
    public static final int SIZE_LIMIT = 16 * 1024 * 1024;

    private static final String STRUCTURED = "__json";

    /**
     * One output. All three are empty or not by kind: input-addressed has the path only; fixed has all; floating
     * content-addressed has the algorithm only.
     *
     * @param path full store path
     * @param hashAlgo {@code sha256} for example, with {@code r:} before it if the hash is that of the NAR
     * @param hash in hex
     */
    public record Output(String path, String hashAlgo, String hash) {
        public Output {
            if (!path.isEmpty()) {
                StorePath.parse(path);
            }
        }

        /** Whether the content was known before the build: a downloaded source, for example. */
        public boolean fixed() {
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

    /** Reads a {@code .drv}. The newer {@code DrvWithVersion} form is a problem: keep such a file as it is. */
    public static Derivation parse(byte[] text) {
        return DerivationText.parse(text);
    }

    /** The same bytes that Nix writes. */
    public byte[] text() {
        return DerivationText.print(this);
    }

    /** The derivation's own name with version, which is that of its first output's path. */
    public Optional<String> name() {
        return attribute("name");
    }

    /** The attributes as JSON if the derivation was made with {@code __structuredAttrs}. */
    public Optional<String> structured() {
        return Optional.ofNullable(env.get(STRUCTURED));
    }

    /** A plain string of the environment or, failing that, of the structured attributes. */
    public Optional<String> attribute(String name) {
        return Optional.ofNullable(env.get(name)).or(() -> structured().flatMap(json -> member(json, name)));
    }

    private static Optional<String> member(String json, String name) {
        var reader = new JsonText(json, STRUCTURED);
        Optional<String> found = Optional.empty();
        for (var object = reader.object(); object.next(); ) {
            if (object.key().equals(name) && reader.isString()) {
                found = Optional.of(reader.string());
            } else {
                reader.skip();
            }
        }
        return found;
    }

    private static <V> SortedMap<String, V> sorted(Map<String, V> map) {
        var sorted = new TreeMap<String, V>(ByteText.ORDER);
        sorted.putAll(map);
        return Collections.unmodifiableSortedMap(sorted);
    }
}
