package dev.narthex.web;

import dev.narthex.catalog.PathFacts;
import dev.narthex.catalog.ReleaseLine;
import dev.narthex.spi.Artifact;
import dev.narthex.spi.Cache;
import dev.narthex.spi.ReleaseView;
import dev.narthex.web.view.PathHead;
import dev.narthex.web.view.ReleaseHead;
import java.util.List;
import java.util.Optional;

/**
 * A release that a page is about.
 *
 * @param lines all releases of its package, newest version first
 * @param main the artifact that clients get, with its path
 */
record Release(
        Cache cache,
        long packageId,
        ReleaseView view,
        List<ReleaseLine> lines,
        Artifact main,
        PathFacts path,
        PathHead pathHead,
        ReleaseHead head) {
    Subject subject() {
        return new Subject(cache, path, pathHead, Optional.of(head));
    }
}
