package dev.narthex.api;

import dev.narthex.access.Access;
import dev.narthex.catalog.cache.CacheCatalog;
import dev.narthex.spi.Cache;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.stream.Collectors;

/** Lists the names of all caches as plain text, so that an admin's shell script can collect them one by one. */
@Path("/_api/v1/admin/gc")
@RunOnVirtualThread
class AdminGcEndpoint {
    private static final int MAX_CACHES = 100_000;

    private final Access access;
    private final CacheCatalog caches;

    AdminGcEndpoint(Access access, CacheCatalog caches) {
        this.access = access;
        this.caches = caches;
    }

    /** Returns at most {@value #MAX_CACHES} names, one per line. */
    @GET
    @Produces(MediaType.TEXT_PLAIN)
    public String names() {
        access.requireAdmin();
        return caches.list(MAX_CACHES).stream().map(Cache::name).collect(Collectors.joining("\n", "", "\n"));
    }
}
