package dev.narthex.web;

import dev.narthex.catalog.PathFacts;
import dev.narthex.spi.Artifact;
import dev.narthex.spi.Cache;
import dev.narthex.spi.ReleaseView;
import dev.narthex.web.view.PathHead;
import dev.narthex.web.view.ReleaseHead;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A release that a page is about.
 *
 * @param released whether any release of its package is
 * @param tags of its package, to versions
 * @param publishedBy who published or pushed it, as the principal was named then; empty if it is not recorded
 * @param main the artifact that clients get, with its path
 */
record Release(
        Cache cache,
        long packageId,
        boolean released,
        ReleaseView view,
        Map<String, String> tags,
        Optional<String> publishedBy,
        Artifact main,
        PathFacts path,
        PathHead pathHead,
        ReleaseHead head) {
    /** @param origin of the path of its main artifact; files that were made of a pushed path came by that push */
    static String arrival(String origin) {
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

    Subject subject() {
        return new Subject(cache, path, pathHead, Optional.of(head));
    }
}
