package dev.narthex.substituter;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.narthex.access.Access;
import dev.narthex.access.Action;
import dev.narthex.catalog.CacheKeys;
import dev.narthex.catalog.Settings;
import dev.narthex.nix.StorePath;
import dev.narthex.spi.UntrustedJson;
import dev.narthex.tenant.Tenants;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.PATCH;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.resteasy.reactive.RestPath;
import org.jboss.resteasy.reactive.RestResponse;

/** {@code attic cache create, info, configure, destroy} (zhaofengli/attic, server/src/api/v1/cache_config.rs). */
@Path("/_api/v1/cache-config/{cache}")
@RunOnVirtualThread
@Produces(MediaType.APPLICATION_JSON)
class AtticConfigEndpoint {
    private static final int LIMIT = 64 << 10;

    private final Access access;
    private final Tenants tenants;
    private final Settings settings;
    private final CacheKeys keys;
    private final ObjectMapper json;
    private final String baseUrl;

    AtticConfigEndpoint(
            Access access,
            Tenants tenants,
            Settings settings,
            CacheKeys keys,
            ObjectMapper json,
            @ConfigProperty(name = "narthex.url") String baseUrl) {
        this.access = access;
        this.tenants = tenants;
        this.settings = settings;
        this.keys = keys;
        this.json = json.copyWith(UntrustedJson.factory());
        this.baseUrl = baseUrl;
    }

    /** Returns the configuration. Its public key is the newest one, since older keys are retired first. */
    @GET
    public ObjectNode get(@RestPath String cache) {
        var found = access.require(Action.READ, cache);
        var set = settings.of(found.id());
        var config = json.createObjectNode()
                .put("substituter_endpoint", baseUrl + "/" + cache)
                // The trailing slash is required: the client appends to it.
                .put("api_endpoint", baseUrl + "/")
                .put("is_public", set.open())
                .put("store_dir", StorePath.STORE_DIR)
                .put("priority", set.priority());
        set.upstreamKeyNames().forEach(config.putArray("upstream_cache_key_names")::add);
        set.retention()
                .periodSeconds()
                .ifPresentOrElse(
                        seconds -> config.putObject("retention_period").put("Period", seconds),
                        () -> config.put("retention_period", "Global"));
        keys.trusted(found.id()).stream().reduce((older, newer) -> newer).ifPresent(k -> config.put("public_key", k));
        return config;
    }

    @POST
    @Consumes(MediaType.WILDCARD)
    public RestResponse<Void> create(@RestPath String cache, InputStream body) throws IOException {
        access.requireCreate(cache);
        var wanted = read(body).complete();
        wanted.secretKey()
                .ifPresentOrElse(
                        key -> tenants.create(cache, key, wanted::of),
                        () -> tenants.create(cache, Optional.empty(), wanted::of));
        return RestResponse.ok();
    }

    /** A new key is added; the old ones keep signing. attic's own server would replace them. */
    @PATCH
    @Consumes(MediaType.WILDCARD)
    public RestResponse<Void> configure(@RestPath String cache, InputStream body) throws IOException {
        access.require(Action.CONFIGURE, cache);
        var wanted = read(body).changing();
        tenants.configure(cache, wanted::of);
        wanted.secretKey().ifPresent(key -> tenants.take(cache, key));
        if (wanted.generates()) {
            tenants.rotate(cache);
        }
        return RestResponse.ok();
    }

    @DELETE
    public RestResponse<Void> destroy(@RestPath String cache) {
        tenants.delete(cache);
        return RestResponse.ok();
    }

    private AtticConfig read(InputStream body) throws IOException {
        return AtticUpload.read(json, Bodies.read(body, LIMIT, "cache configuration"), AtticConfig.class);
    }
}
