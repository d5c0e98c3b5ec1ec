package dev.narthex.api;

import dev.narthex.access.Access;
import dev.narthex.access.Action;
import dev.narthex.access.AuditQuery;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.UriInfo;
import java.util.Optional;
import org.jboss.resteasy.reactive.RestPath;
import org.jboss.resteasy.reactive.RestResponse;

/** Serves the audit log of one cache to its owners. */
@Path("/_api/v1/{cache}/audit")
@RunOnVirtualThread
@Produces(MediaType.APPLICATION_JSON)
class CacheAuditEndpoint {
    private final Access access;
    private final AuditQuery auditQuery;

    CacheAuditEndpoint(Access access, AuditQuery auditQuery) {
        this.access = access;
        this.auditQuery = auditQuery;
    }

    @GET
    public RestResponse<AuditPage> list(@RestPath String cache, UriInfo uri) {
        var foundCache = access.require(Action.CONFIGURE, cache);
        return AuditPage.respond(auditQuery, AuditPage.filter(uri.getQueryParameters(), Optional.of(foundCache.id())));
    }
}
