package dev.narthex.web.view;

import java.util.List;

/** The dependents of a package: packages that declare it, and store paths that reference its paths. */
public record DependentsView(
        ReleaseHead head,
        Pagination pages,
        List<Line> lines,
        long referrers,
        List<StoreItem> firstReferrers,
        String referrersUrl)
        implements View {
    /** @param range version range, as declared */
    public record Line(String url, String name, String version, String range, String kind) {}
}
