package dev.narthex.web.view;

import java.util.List;
import java.util.Optional;

/**
 * What changed between two derivations. Store paths that differ in their hash parts only count as the same text.
 *
 * @param urlOfA of the page of the first derivation
 * @param same whether the two are one derivation
 * @param inputs the first of those that differ, by name
 * @param inputCount of all that differ
 * @param sameInputs how many are in both
 * @param values what else differs: system, builder, arguments, outputs and environment; the first of them
 * @param valueCount of all that differ
 * @param sameValues variables of the environment that are the same, or the same but for the hash parts of store paths
 */
public record DerivationChanges(
        String urlOfA,
        String urlOfB,
        boolean same,
        List<Input> inputs,
        int inputCount,
        int sameInputs,
        List<Value> values,
        int valueCount,
        int sameValues) {
    /**
     * A derivation or a source that only one of the two has, or both in other versions.
     *
     * @param name without the version
     * @param a versions in the first; empty if it has none of this name
     * @param rebuilt whether both have the same versions, with other inputs
     */
    public record Input(String name, List<InputVersion> a, List<InputVersion> b, boolean rebuilt) {}

    /**
     * @param version what follows the name; may be empty
     * @param url of its page; empty if it is not in the cache
     */
    public record InputVersion(String version, String url) {}

    /**
     * @param kind "system", "builder", "argument list", "output" or "variable"
     * @param name of the output or variable; else empty
     * @param a its beginning if it is long; absent if the first has none
     * @param patch line by line, if both have it and it has several lines
     */
    public record Value(String kind, String name, Optional<String> a, Optional<String> b, Optional<Patch> patch) {}

    public int moreInputs() {
        return inputCount - inputs.size();
    }

    public int moreValues() {
        return valueCount - values.size();
    }
}
