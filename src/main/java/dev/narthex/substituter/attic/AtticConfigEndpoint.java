package dev.narthex.substituter.attic;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.narthex.access.Access;
import dev.narthex.access.Action;
import dev.narthex.admin.CacheAdministration;
import dev.narthex.catalog.cache.CacheKeyring;
import dev.narthex.catalog.cache.CacheSettingsStore;
import dev.narthex.http.RequestBodies;
import dev.narthex.nix.StorePath;
import dev.narthex.spi.UntrustedJson;
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
    private static final int MAX_BODY_BYTES = 64 << 10;

    private final Access access;
    private final CacheAdministration cacheAdministration;
    private final CacheSettingsStore settings;
    private final CacheKeyring keys;
    private final ObjectMapper json;
    private final String baseUrl;

    AtticConfigEndpoint(
            Access access,
            CacheAdministration cacheAdministration,
            CacheSettingsStore settings,
            CacheKeyring keys,
            ObjectMapper json,
            @ConfigProperty(name = "narthex.url") String baseUrl) {
        this.access = access;
        this.cacheAdministration = cacheAdministration;
        this.settings = settings;
        this.keys = keys;
        this.json = json.copyWith(UntrustedJson.factory());
        this.baseUrl = baseUrl;
    }

    /** Returns the configuration. Its public key is the newest one, since older keys are retired first. */
    @GET
    public ObjectNode get(@RestPath String cache) {
        var authorizedCache = access.require(Action.READ, cache);
        var cacheSettings = settings.of(authorizedCache.id());
        var config = json.createObjectNode()
                .put("substituter_endpoint", baseUrl + "/" + cache)
                // The trailing slash is required: the client appends to it.
                .put("api_endpoint", baseUrl + "/")
                .put("is_public", cacheSettings.open())
                .put("store_dir", StorePath.STORE_DIR)
                .put("priority", cacheSettings.priority());
        cacheSettings.upstreamKeyNames().forEach(config.putArray("upstream_cache_key_names")::add);
        cacheSettings
                .retention()
                .periodSeconds()
                .ifPresentOrElse(
                        seconds -> config.putObject("retention_period").put("Period", seconds),
                        () -> config.put("retention_period", "Global"));
        keys.signingKeysText(authorizedCache.id()).stream()
                .reduce((older, newer) -> newer)
                .ifPresent(key -> config.put("public_key", key));
        return config;
    }

    @POST
    @Consumes(MediaType.WILDCARD)
    public RestResponse<Void> create(@RestPath String cache, InputStream body) throws IOException {
        access.requireCreate(cache);
        var requested = parseBody(body).requireComplete();
        requested
                .secretKey()
                .ifPresentOrElse(
                        key -> cacheAdministration.create(cache, key, requested::applyTo),
                        () -> cacheAdministration.create(cache, Optional.empty(), requested::applyTo));
        return RestResponse.ok();
    }

    /** A new key is added; the old ones keep signing. attic's own server would replace them. */
    @PATCH
    @Consumes(MediaType.WILDCARD)
    public RestResponse<Void> configure(@RestPath String cache, InputStream body) throws IOException {
        access.require(Action.CONFIGURE, cache);
        var requested = parseBody(body).requireChanges();
        cacheAdministration.configure(cache, requested::applyTo);
        requested.secretKey().ifPresent(key -> cacheAdministration.addExistingKey(cache, key));
        if (requested.requestsNewKey()) {
            cacheAdministration.rotate(cache);
        }
        return RestResponse.ok();
    }

    @DELETE
    public RestResponse<Void> destroy(@RestPath String cache) {
        cacheAdministration.delete(cache);
        return RestResponse.ok();
    }

    private AtticConfig parseBody(InputStream body) throws IOException {
        return AtticUpload.parse(
                json, RequestBodies.read(body, MAX_BODY_BYTES, "cache configuration"), AtticConfig.class);
    }
}
