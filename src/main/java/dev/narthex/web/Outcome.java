package dev.narthex.web;

import dev.narthex.content.Content;
import dev.narthex.content.CpuBoundContent;
import dev.narthex.limits.CpuPermits;
import dev.narthex.web.view.View;

/** The result of handling a page URL. */
sealed interface Outcome {
    record Shown(View view) implements Outcome {}

    /** @param status 303 after a look-up, 308 if the URL is not in canonical form */
    record Moved(int status, String location) implements Outcome {}

    record Fed(Feed feed) implements Outcome {}

    /**
     * The bytes of a file inside a store path.
     *
     * @param etag identifies these bytes permanently
     * @param archived whether the file is in an archive, which is decoded to read it
     */
    record Raw(Content content, String etag, String name, FileKind kind, boolean archived) implements Outcome {
        /** Returns content that decodes under a processor permit if the file is in an archive; otherwise the same. */
        Raw bound(CpuPermits permits, String caller) {
            return archived ? new Raw(new CpuBoundContent(content, permits, caller), etag, name, kind, true) : this;
        }
    }
}
