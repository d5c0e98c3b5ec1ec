package dev.narthex.publish;

import dev.narthex.catalog.Changes;
import dev.narthex.spi.Cache;
import dev.narthex.spi.Document;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.function.Supplier;

/** What is answered of one store path, kept like the documents of registries. Call it on the thread of the resource method. */
@ApplicationScoped
public class PathDocuments {
    private final Changes changes;
    private final Documents documents;

    PathDocuments(Changes changes, Documents documents) {
        this.changes = changes;
        this.documents = documents;
    }

    /**
     * The narinfo, which the answer is: a few lines, never packed. It is signed, so it is another when a key is.
     *
     * @param maker makes it from what the catalog says now
     */
    public Document narInfo(Cache cache, String hashPart, Supplier<byte[]> maker) {
        var head = changes.seen();
        var form = "narinfo " + head.caches();
        var key = new Documents.Key(Documents.Subject.path(cache.id(), hashPart), form);
        var document = documents.get(head, key, () -> Document.plain(maker.get()));
        if (cache.open()) {
            SentAnswers.note(head, key, document);
        }
        return document;
    }
}
