package dev.narthex.substituter;

import dev.narthex.access.Access;
import dev.narthex.access.Action;
import dev.narthex.nix.StorePath;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import org.jboss.resteasy.reactive.RestPath;

/** Tells nix that this is a binary cache, for which store, and how it ranks among others. */
@Path("/{cache}")
@RunOnVirtualThread
class CacheInfoEndpoint {
    private final Access access;

    CacheInfoEndpoint(Access access) {
        this.access = access;
    }

    @GET
    @Path("nix-cache-info")
    @Produces(Forms.CACHE_INFO_TYPE)
    public String get(@RestPath String cache) {
        var found = access.require(Action.PULL, cache);
        return "StoreDir: " + StorePath.STORE_DIR + "\nWantMassQuery: 1\nPriority: " + found.priority() + "\n";
    }
}
