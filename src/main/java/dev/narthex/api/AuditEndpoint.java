package dev.narthex.api;

import dev.narthex.access.Access;
import dev.narthex.access.AuditQuery;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.UriInfo;
import java.util.Optional;
import org.jboss.resteasy.reactive.RestResponse;

/** Serves the audit log of the whole instance to its admins. */
@Path("/_api/v1/audit")
@RunOnVirtualThread
@Produces(MediaType.APPLICATION_JSON)
class AuditEndpoint {
    private final Access access;
    private final AuditQuery auditQuery;

    AuditEndpoint(Access access, AuditQuery auditQuery) {
        this.access = access;
        this.auditQuery = auditQuery;
    }

    @GET
    public RestResponse<AuditPage> list(UriInfo uri) {
        access.requireAdmin();
        return AuditPage.respond(auditQuery, AuditPage.filter(uri.getQueryParameters(), Optional.empty()));
    }
}
