package dev.narthex.web.settings;

import dev.narthex.access.Access;
import dev.narthex.access.Action;
import dev.narthex.access.AuditQuery;
import dev.narthex.access.BrowserEndpoint;
import dev.narthex.web.admin.AuditAddress;
import dev.narthex.web.admin.AuditCsv;
import dev.narthex.web.admin.AuditPageBuilder;
import dev.narthex.web.page.PageLayouts;
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
    private final AuditQuery entries;
    private final AuditPageBuilder views;
    private final PageLayouts frames;

    SettingsAuditEndpoint(Access access, AuditQuery entries, AuditPageBuilder views, PageLayouts frames) {
        this.access = access;
        this.entries = entries;
        this.views = views;
        this.frames = frames;
    }

    @GET
    public RestResponse<Object> get(@RestPath String cache, HttpServerRequest request) {
        var found = access.requireVisible(Action.CONFIGURE, cache).cache();
        var asked = PageRequest.page(request);
        var address = AuditAddress.ofCache(found, asked);
        return asked.text("format").equals("csv")
                ? new AuditCsv(entries, address.filter(Optional.of(found.id()), Instant.now()))
                        .answer("audit-" + found.name() + ".csv")
                : PageResponses.uncached(
                        asked,
                        Templates.audit(frames.withTwin(asked), found.name(), views.of(Optional.of(found), address))
                                .render());
    }
}
