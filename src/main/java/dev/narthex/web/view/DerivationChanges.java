package dev.narthex.web.view;

import java.util.List;
import java.util.Optional;

/**
 * The differences between two derivations. Text that differs only in the hash parts of store paths counts as equal.
 *
 * @param urlOfA URL of the first derivation's page
 * @param same whether both are the same derivation
 * @param inputs differing inputs by name, truncated
 * @param inputCount number of all differing inputs
 * @param sameInputs number of inputs that both have
 * @param values other differences, truncated: system, builder, arguments, outputs and environment
 * @param valueCount number of all other differences
 * @param sameValues number of environment variables that are equal except for the hash parts of store paths
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
     * An input derivation or source that only one of the two has, or that both have in different versions.
     *
     * @param name without the version
     * @param a versions in the first derivation; empty if it has no input of this name
     * @param rebuilt whether the versions are equal but were built from other inputs
     */
    public record Input(String name, List<InputVersion> a, List<InputVersion> b, boolean rebuilt) {}

    /**
     * @param version the part after the name; may be empty
     * @param url URL of its page; empty if it is not in the cache
     */
    public record InputVersion(String version, String url) {}

    /**
     * @param kind "system", "builder", "argument list", "output" or "variable"
     * @param name name of the output or variable, else empty
     * @param a value in the first derivation, truncated if long; absent if the derivation does not have it
     * @param patch line diff, if both have the value and it has several lines
     */
    public record Value(String kind, String name, Optional<String> a, Optional<String> b, Optional<Patch> patch) {}

    public int moreInputs() {
        return inputCount - inputs.size();
    }

    public int moreValues() {
        return valueCount - values.size();
    }
}
