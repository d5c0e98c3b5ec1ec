package dev.narthex.web.settings;

import dev.narthex.access.Access;
import dev.narthex.access.Action;
import dev.narthex.access.AuditQuery;
import dev.narthex.access.BrowserEndpoint;
import dev.narthex.web.admin.AuditAddress;
import dev.narthex.web.admin.AuditCsv;
import dev.narthex.web.admin.AuditPageBuilder;
import dev.narthex.web.page.PageLayoutBuilder;
import dev.narthex.web.page.PageRequest;
import dev.narthex.web.page.PageResponses;
import dev.narthex.web.page.Templates;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.core.http.HttpServerRequest;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import java.time.Instant;
import java.util.Optional;
import org.jboss.resteasy.reactive.RestPath;
import org.jboss.resteasy.reactive.RestResponse;

/** The audit log of a cache, for its owners: a page with filters, and a CSV export. */
@Path("/{cache}/settings/audit")
@BrowserEndpoint
@RunOnVirtualThread
class SettingsAuditEndpoint {
    private final Access access;
    private final AuditQuery auditQuery;
    private final AuditPageBuilder auditPage;
    private final PageLayoutBuilder layouts;

    SettingsAuditEndpoint(Access access, AuditQuery auditQuery, AuditPageBuilder auditPage, PageLayoutBuilder layouts) {
        this.access = access;
        this.auditQuery = auditQuery;
        this.auditPage = auditPage;
        this.layouts = layouts;
    }

    @GET
    public RestResponse<Object> get(@RestPath String cache, HttpServerRequest request) {
        var foundCache = access.requireVisible(Action.CONFIGURE, cache).cache();
        var pageRequest = PageRequest.page(request);
        var address = AuditAddress.ofCache(foundCache, pageRequest);
        return pageRequest.text("format").equals("csv")
                ? new AuditCsv(auditQuery, address.filter(Optional.of(foundCache.id()), Instant.now()))
                        .respond("audit-" + foundCache.name() + ".csv")
                : PageResponses.uncached(
                        pageRequest,
                        Templates.audit(
                                        layouts.withTwin(pageRequest),
                                        foundCache.name(),
                                        auditPage.of(Optional.of(foundCache), address))
                                .render());
    }
}
