package dev.narthex.ops;

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
class StoreMoveEndpoint {
    private final StoreMoves packMoves;

    StoreMoveEndpoint(StoreMoves packMoves) {
        this.packMoves = packMoves;
    }

    /** Starts a move, or continues it. */
    @POST
    @Consumes(MediaType.WILDCARD)
    @Produces(MediaType.APPLICATION_JSON)
    public StoreMoveStatus begin(@RestQuery @DefaultValue("") String to) {
        return packMoves.start(to);
    }

    @GET
    @Produces(MediaType.APPLICATION_JSON)
    public StoreMoveStatus get() {
        return packMoves.status();
    }

    /** Returns the status as one line of text. */
    @GET
    @Produces(MediaType.TEXT_PLAIN)
    public String text() {
        return packMoves.status().text();
    }
}
