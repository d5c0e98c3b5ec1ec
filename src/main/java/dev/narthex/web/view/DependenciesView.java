package dev.narthex.web.view;

import java.util.List;

/**
 * What a release needs, in both senses: what its manifest asks for, and what its bytes point to.
 *
 * @param resolvable whether it is known how clients choose versions
 * @param missing references that are not in this cache
 */
public record DependenciesView(
        ReleaseHead head, List<Declared> declared, boolean resolvable, List<StoreItem> references, List<String> missing)
        implements View {
    /**
     * @param url of the package in this cache; empty if it is not here
     * @param kind the ecosystem's word, such as "dev"
     * @param resolved the version of it that clients choose here; empty if none fits, or their rule is not known
     */
    public record Declared(String name, String url, String range, String kind, String resolved) {
        public String resolvedUrl() {
            return url + "@" + Urls.encode(resolved);
        }
    }
}
