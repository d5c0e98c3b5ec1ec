package dev.narthex.web.view;

import java.time.Instant;
import java.util.List;

/**
 * All versions, newest first.
 *
 * @param tags of the package, in the order in which people look for them
 */
public record VersionsView(ReleaseHead head, List<Tag> tags, List<Line> lines) implements View {
    /**
     * @param size of its main artifact, in bytes
     * @param publishedBy empty if not recorded
     */
    public record Line(
            String url,
            String version,
            boolean prerelease,
            boolean released,
            boolean current,
            Instant publishedAt,
            String publishedBy,
            long size,
            String licence,
            List<String> tags) {}

    public List<Line> stable() {
        return lines.stream().filter(l -> !l.prerelease).toList();
    }

    public List<Line> prereleases() {
        return lines.stream().filter(Line::prerelease).toList();
    }
}
