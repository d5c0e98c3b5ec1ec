package dev.narthex.publish.registry;

import dev.narthex.catalog.change.ChangeLog;
import dev.narthex.spi.Cache;
import dev.narthex.spi.Document;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.function.Supplier;

/**
 * Caches responses about a single store path, as {@link DocumentCache} does for registries. Call it on the thread of the resource
 * method.
 */
@ApplicationScoped
public class PathDocuments {
    private final ChangeLog changes;
    private final DocumentCache documentCache;

    PathDocuments(ChangeLog changes, DocumentCache documentCache) {
        this.changes = changes;
        this.documentCache = documentCache;
    }

    /**
     * Returns the cached narinfo, or makes and caches a new one. It is never compressed, being only a few lines. The key includes
     * the revision of all cache rows, because new signing keys change the signatures.
     *
     * @param factory makes the narinfo from the current state of the catalog
     */
    public Document narInfo(Cache cache, String hashPart, Supplier<byte[]> factory) {
        var head = changes.requestHead();
        var form = "narinfo " + head.caches();
        var key = new DocumentCache.DocumentKey(DocumentCache.DocumentSubject.ofPath(cache.id(), hashPart), form);
        var document = documentCache.get(head, key, () -> Document.plain(factory.get()));
        if (cache.open()) {
            ResponseCache.remember(head, key, document);
        }
        return document;
    }
}
