package dev.narthex.web;

import dev.narthex.catalog.PathFacts;
import dev.narthex.spi.Cache;
import dev.narthex.web.view.PathHead;
import dev.narthex.web.view.ReleaseHead;
import java.util.Optional;

/** The subject of the tabs "files" and "derivation": a store path, possibly as the primary artifact of a release. */
record Subject(Cache cache, PathFacts path, PathHead head, Optional<ReleaseHead> release) {
    String url() {
        return release.map(ReleaseHead::url).orElse(head.url());
    }
}
