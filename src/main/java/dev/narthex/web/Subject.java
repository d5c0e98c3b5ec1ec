package dev.narthex.web;

import dev.narthex.catalog.PathFacts;
import dev.narthex.spi.Cache;
import dev.narthex.web.view.PathHead;
import dev.narthex.web.view.ReleaseHead;
import java.util.Optional;

/**
 * What the tabs "files" and "derivation" are about: a store path, maybe as the main artifact of a release.
 *
 * @param url of its page, below which the tabs are
 */
record Subject(Cache cache, PathFacts path, PathHead head, Optional<ReleaseHead> release) {
    String url() {
        return release.map(ReleaseHead::url).orElse(head.url());
    }
}
