package dev.narthex.api;

import dev.narthex.access.Access;
import dev.narthex.access.Action;
import dev.narthex.http.RequestBodies;
import dev.narthex.publish.DerivationMetaUpload;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import java.io.IOException;
import java.io.InputStream;
import org.jboss.resteasy.reactive.RestPath;

/** Receives descriptions, licenses and maintainers for the paths of a cache. */
@Path("/_api/v1/{cache}/derivation-meta")
@RunOnVirtualThread
class DerivationMetaEndpoint {
    private final Access access;
    private final DerivationMetaUpload metaUpload;

    DerivationMetaEndpoint(Access access, DerivationMetaUpload metaUpload) {
        this.access = access;
        this.metaUpload = metaUpload;
    }

    /** The body is the output of {@code nix-env -f FILE -qaP --json --meta --drv-path --out-path}. */
    @PUT
    @Consumes(MediaType.WILDCARD)
    @Produces(MediaType.APPLICATION_JSON)
    public DerivationMetaUpload.DerivationMetaResult put(
            @RestPath String cache, @Context HttpHeaders headers, InputStream body) throws IOException {
        var authorizedCache = access.require(Action.PUSH, cache);
        RequestBodies.requireUnencoded(headers, Long.MAX_VALUE, "derivation metadata");
        return metaUpload.receive(authorizedCache, body);
    }
}
