package dev.narthex.web.release;

import dev.narthex.catalog.path.PathInfo;
import dev.narthex.spi.Artifact;
import dev.narthex.spi.Cache;
import dev.narthex.spi.ReleaseInfo;
import dev.narthex.web.files.BrowseTarget;
import dev.narthex.web.view.PathHead;
import dev.narthex.web.view.ReleaseHead;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The release that a page is about.
 *
 * @param released whether any release of its package is released
 * @param tags tags of its package, with their versions
 * @param publishedBy who published or pushed it, under the name at that time; empty if not recorded
 * @param main the primary artifact
 * @param path store path of the primary artifact
 */
public record ReleaseContext(
        Cache cache,
        long packageId,
        boolean released,
        ReleaseInfo view,
        Map<String, String> tags,
        Optional<String> publishedBy,
        Artifact main,
        PathInfo path,
        PathHead pathHead,
        ReleaseHead head) {
    /**
     * Returns how a release got here.
     *
     * @param origin origin of the primary artifact's path; files derived from a pushed path count as pushed
     */
    public static String arrival(String origin) {
        return origin.equals("derived") ? "pushed" : origin;
    }

    List<String> tagsOf(String version) {
        return tagsOf(tags, version);
    }

    static List<String> tagsOf(Map<String, String> tags, String version) {
        return tags.entrySet().stream()
                .filter(tag -> tag.getValue().equals(version))
                .map(Map.Entry::getKey)
                .toList();
    }

    public BrowseTarget subject() {
        return new BrowseTarget(cache, path, pathHead, Optional.of(head));
    }
}
