package dev.narthex.web;

import dev.narthex.access.Access;
import dev.narthex.access.AuditEntries;
import dev.narthex.access.ForPeople;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.core.http.HttpServerRequest;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import org.jboss.resteasy.reactive.RestResponse;

/** What was done and refused in all caches and outside of them, for admins: a page, and all of it as a table. */
@Path(AdminAuditEndpoint.PAGE)
@ForPeople
@RunOnVirtualThread
class AdminAuditEndpoint {
    static final String PAGE = "/admin/audit";

    private final Access access;
    private final AdminPages pages;
    private final AuditEntries entries;
    private final AuditViews views;

    AdminAuditEndpoint(Access access, AdminPages pages, AuditEntries entries, AuditViews views) {
        this.access = access;
        this.pages = pages;
        this.entries = entries;
        this.views = views;
    }

    @GET
    public RestResponse<Object> get(HttpServerRequest request) {
        // before anything is read of the address: what is wrong with it would tell that there is a page
        access.requireShownAdmin();
        var asked = Asked.page(request);
        var address = AuditAddress.ofAll(asked);
        return asked.text("format").equals("csv")
                ? new AuditCsv(entries, address.filter(Optional.empty(), Instant.now())).answer("audit.csv")
                : pages.show(
                        request,
                        Set.of(),
                        (frame, told, key) -> Templates.adminAudit(frame, views.of(Optional.empty(), address)));
    }
}
