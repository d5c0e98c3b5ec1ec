package dev.narthex.api;

import dev.narthex.admin.PackMoveStatus;
import dev.narthex.admin.PackMoves;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import org.jboss.resteasy.reactive.RestQuery;

/** Starts and shows moves of packs between a directory and S3, for {@code deploy/run move-store} and other admin programs. */
@Path("/_api/v1/admin/move-store")
@RunOnVirtualThread
class PackMoveEndpoint {
    private final PackMoves packMoves;

    PackMoveEndpoint(PackMoves packMoves) {
        this.packMoves = packMoves;
    }

    /** Starts a move, or continues it. */
    @POST
    @Consumes(MediaType.WILDCARD)
    @Produces(MediaType.APPLICATION_JSON)
    public PackMoveStatus begin(@RestQuery @DefaultValue("") String to) {
        return packMoves.start(to);
    }

    @GET
    @Produces(MediaType.APPLICATION_JSON)
    public PackMoveStatus get() {
        return packMoves.status();
    }

    /** Returns the status as one line of text. */
    @GET
    @Produces(MediaType.TEXT_PLAIN)
    public String text() {
        return packMoves.status().text();
    }
}
