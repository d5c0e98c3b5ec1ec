package dev.narthex.web;

import dev.narthex.content.Content;
import dev.narthex.content.CpuBoundContent;
import dev.narthex.limits.CpuPermits;
import dev.narthex.web.view.View;

/** What an address turned out to be. */
sealed interface Outcome {
    record Shown(View view) implements Outcome {}

    /** @param status 303 for a look-up, 308 for another spelling of the same */
    record Moved(int status, String location) implements Outcome {}

    record Fed(Feed feed) implements Outcome {}

    /**
     * The bytes of a file inside a store path.
     *
     * @param etag names these bytes for ever
     */
    record Raw(Content content, String etag, String name, FileKind kind) implements Outcome {
        /** The same, decoded under a permit if it lies in an archive. */
        Raw bound(CpuPermits permits, String caller) {
            return content instanceof Archives.Inside
                    ? new Raw(new CpuBoundContent(content, permits, caller), etag, name, kind)
                    : this;
        }
    }
}
