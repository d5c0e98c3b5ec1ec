package dev.narthex.web.admin;

import dev.narthex.access.Access;
import dev.narthex.access.AuditQuery;
import dev.narthex.access.BrowserEndpoint;
import dev.narthex.web.page.PageRequest;
import dev.narthex.web.page.Templates;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.core.http.HttpServerRequest;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import org.jboss.resteasy.reactive.RestResponse;

/** The audit log of the whole instance, for admins: a page with filters, and a CSV export. */
@Path(AdminAuditEndpoint.PAGE)
@BrowserEndpoint
@RunOnVirtualThread
class AdminAuditEndpoint {
    static final String PAGE = "/admin/audit";

    private final Access access;
    private final AdminPages pages;
    private final AuditQuery auditQuery;
    private final AuditPageBuilder auditPage;

    AdminAuditEndpoint(Access access, AdminPages pages, AuditQuery auditQuery, AuditPageBuilder auditPage) {
        this.access = access;
        this.pages = pages;
        this.auditQuery = auditQuery;
        this.auditPage = auditPage;
    }

    @GET
    public RestResponse<Object> get(HttpServerRequest request) {
        // checked before the URL is parsed: an error about a parameter would reveal that the page exists
        access.requireVisibleAdmin();
        var pageRequest = PageRequest.page(request);
        var address = AuditAddress.ofAll(pageRequest);
        return pageRequest.text("format").equals("csv")
                ? new AuditCsv(auditQuery, address.filter(Optional.empty(), Instant.now())).respond("audit.csv")
                : pages.show(
                        request,
                        Set.of(),
                        (frame, outcome, key) -> Templates.adminAudit(frame, auditPage.of(Optional.empty(), address)));
    }
}
