package dev.narthex.web.files;

import dev.narthex.catalog.path.PathInfo;
import dev.narthex.spi.Cache;
import dev.narthex.web.view.PathHead;
import dev.narthex.web.view.ReleaseHead;
import java.util.Optional;

/** The subject of the tabs "files" and "derivation": a store path, possibly as the primary artifact of a release. */
public record BrowseTarget(Cache cache, PathInfo path, PathHead head, Optional<ReleaseHead> release) {
    public String url() {
        return release.map(ReleaseHead::url).orElse(head.url());
    }
}
