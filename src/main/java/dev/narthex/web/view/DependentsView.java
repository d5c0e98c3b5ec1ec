package dev.narthex.web.view;

import java.util.List;

/** Who needs a package: those that declare it, and store paths that refer to its bytes. */
public record DependentsView(
        ReleaseHead head,
        Pages pages,
        List<Line> lines,
        long referrers,
        List<StoreItem> firstReferrers,
        String referrersUrl)
        implements View {
    /** @param range what it asks for, as written */
    public record Line(String url, String name, String version, String range, String kind) {}
}
