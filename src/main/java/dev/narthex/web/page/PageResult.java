package dev.narthex.web.page;

import dev.narthex.http.Content;
import dev.narthex.http.CpuBoundContent;
import dev.narthex.limits.CpuPermits;
import dev.narthex.web.view.View;

/** The result of handling a page URL. */
public sealed interface PageResult {
    record ViewResult(View view) implements PageResult {}

    /** @param status 303 after a look-up, 308 if the URL is not in canonical form */
    record Redirect(int status, String location) implements PageResult {}

    record FeedResult(Feed feed) implements PageResult {}

    /**
     * The bytes of a file inside a store path.
     *
     * @param etag identifies these bytes permanently
     * @param archived whether the file is in an archive, which is decoded to read it
     */
    record RawFile(Content content, String etag, String name, FileKind kind, boolean archived) implements PageResult {
        /** Returns content that decodes under a processor permit if the file is in an archive; otherwise the same. */
        public RawFile bound(CpuPermits permits, String caller) {
            return archived ? new RawFile(new CpuBoundContent(content, permits, caller), etag, name, kind, true) : this;
        }
    }
}
