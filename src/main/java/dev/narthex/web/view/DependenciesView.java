package dev.narthex.web.view;

import java.util.List;

/**
 * What a release needs, in both senses: what its manifest asks for, and what its bytes point to.
 *
 * @param missing references that are not in this cache
 */
public record DependenciesView(
        ReleaseHead head, List<Declared> declared, List<StoreItem> references, List<String> missing) implements View {
    /**
     * @param url of the package in this cache; empty if it is not here
     * @param kind the ecosystem's word, such as "dev"
     */
    public record Declared(String name, String url, String range, String kind) {}
}
