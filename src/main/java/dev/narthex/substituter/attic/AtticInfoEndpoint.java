package dev.narthex.substituter.attic;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import org.jboss.resteasy.reactive.RestPath;

/** Lets attic's client find the API from the URL of a cache. */
@Path("/{cache}")
@RunOnVirtualThread
class AtticInfoEndpoint {
    private final AtticConfigEndpoint configEndpoint;

    AtticInfoEndpoint(AtticConfigEndpoint configEndpoint) {
        this.configEndpoint = configEndpoint;
    }

    @GET
    @Path("attic-cache-info")
    @Produces(MediaType.APPLICATION_JSON)
    public ObjectNode get(@RestPath String cache) {
        return configEndpoint.get(cache);
    }
}
