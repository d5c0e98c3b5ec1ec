package dev.narthex.web.view;

import java.util.List;

/**
 * The dependencies of a release: those that its manifest declares, and the references of its store path.
 *
 * @param resolvable whether the ecosystem defines which version clients choose
 * @param missing references that are not in this cache
 */
public record DependenciesView(
        ReleaseHead head,
        List<DependencyLine> declared,
        boolean resolvable,
        List<StoreItem> references,
        List<String> missing)
        implements View {
    /**
     * A declared dependency.
     *
     * @param url URL of the package in this cache; empty if it is not here
     * @param range version range, as declared
     * @param kind the ecosystem's word, such as "dev"
     * @param resolved version that clients choose from this cache; empty if none matches or the ecosystem's rule is unknown
     */
    public record DependencyLine(String name, String url, String range, String kind, String resolved) {
        public String resolvedUrl() {
            return url + "@" + Urls.encode(resolved);
        }
    }
}
