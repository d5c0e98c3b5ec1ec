package dev.narthex.web;

import dev.narthex.access.Access;
import dev.narthex.access.Action;
import dev.narthex.access.AuditEntries;
import dev.narthex.access.ForPeople;
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
@ForPeople
@RunOnVirtualThread
class SettingsAuditEndpoint {
    private final Access access;
    private final AuditEntries entries;
    private final AuditViews views;
    private final Frames frames;

    SettingsAuditEndpoint(Access access, AuditEntries entries, AuditViews views, Frames frames) {
        this.access = access;
        this.entries = entries;
        this.views = views;
        this.frames = frames;
    }

    @GET
    public RestResponse<Object> get(@RestPath String cache, HttpServerRequest request) {
        var found = access.requireShown(Action.CONFIGURE, cache).cache();
        var asked = Asked.page(request);
        var address = AuditAddress.ofCache(found, asked);
        return asked.text("format").equals("csv")
                ? new AuditCsv(entries, address.filter(Optional.of(found.id()), Instant.now()))
                        .answer("audit-" + found.name() + ".csv")
                : Answers.unkept(
                        asked,
                        Templates.audit(frames.withTwin(asked), found.name(), views.of(Optional.of(found), address))
                                .render());
    }
}
