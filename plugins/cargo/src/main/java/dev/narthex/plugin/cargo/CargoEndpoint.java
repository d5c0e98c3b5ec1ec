package dev.narthex.plugin.cargo;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.narthex.ecosystem.RegistryResponses;
import dev.narthex.problem.Problem;
import dev.narthex.spi.Registry;
import dev.narthex.spi.RegistryProvider;
import dev.narthex.spi.ReleaseInfo;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jboss.resteasy.reactive.RestPath;
import org.jboss.resteasy.reactive.RestQuery;
import org.jboss.resteasy.reactive.RestResponse;

/** Serves the requests of cargo: the sparse index and the read-only part of the web API. */
@Path("/registry/{cache}/cargo")
@RunOnVirtualThread
class CargoEndpoint {
    private static final String JSON = "application/json; charset=utf-8";
    private static final String TEXT = "text/plain; charset=utf-8";
    private static final int MAX_HITS = 100;
    private static final int MAX_SEARCH_LENGTH = 512;
    private static final int LAST_PAGE = 10_000;

    private final RegistryProvider registries;

    CargoEndpoint(RegistryProvider registries) {
        this.registries = registries;
    }

    @GET
    public RestResponse<Object> home(@RestPath String cache, @Context HttpHeaders headers) {
        var registry = registries.read(cache);
        return RegistryResponses.page(registry, CargoEcosystem.ID, headers)
                .orElseThrow(() -> Problem.notFound("address in this registry", ""));
    }

    /** Returns the URLs of the other routes. For a private cache, cargo must send a token with every request. */
    @GET
    @Path("index/config.json")
    public RestResponse<Object> config(@RestPath String cache, @Context HttpHeaders headers) {
        var registry = registries.read(cache);
        var address = registry.baseUrl() + "/registry/" + cache + "/" + CargoEcosystem.ID;
        boolean open = registry.cache().open();
        var answer = registry.document(CargoEcosystem.ID, "", open ? "config" : "private config", () -> {
            var config = JsonNodeFactory.instance.objectNode();
            config.put("dl", address + "/api/v1/crates").put("api", address);
            return bytes((open ? config : config.put("auth-required", true)).toString());
        });
        return RegistryResponses.document(registry, answer, JSON, "", headers);
    }

    @GET
    @Path("index/all.json")
    public RestResponse<Object> all(@RestPath String cache, @Context HttpHeaders headers) {
        var registry = registries.read(cache);
        return RegistryResponses.listing(registry, new CrateList(registry)::write, JSON, "", headers);
    }

    @GET
    @Path("index/{path:.+}")
    public RestResponse<Object> index(@RestPath String cache, @RestPath String path, @Context HttpHeaders headers) {
        var registry = registries.read(cache);
        var name = path.substring(path.lastIndexOf('/') + 1);
        return RegistryResponses.page(registry, CargoEcosystem.ID + "/" + CrateName.normalize(name), headers)
                .orElseGet(() -> {
                    var answer = registry.document(
                            CargoEcosystem.ID,
                            CrateName.normalize(name),
                            "index " + path,
                            () -> index(registry, name, path));
                    return RegistryResponses.document(registry, answer, TEXT, "", headers);
                });
    }

    @GET
    @Path("api/v1/crates/{name}/{version}/download")
    public RestResponse<Object> download(
            @RestPath String cache, @RestPath String name, @RestPath String version, @Context HttpHeaders headers)
            throws IOException {
        var registry = registries.read(cache);
        var filename = name + "-" + version + ".crate";
        var file = registry.file(CargoEcosystem.ID, CrateName.normalize(name), filename)
                .orElseThrow(() -> Problem.notFound("crate", name + " " + version));
        return RegistryResponses.file(registry, file, file.sha256().hex(), headers);
    }

    @GET
    @Path("api/v1/crates")
    @Produces(JSON)
    public String search(
            @RestPath String cache,
            @RestQuery("q") @DefaultValue("") String text,
            @RestQuery("page") @DefaultValue("1") String page,
            @RestQuery("per_page") @DefaultValue("10") String size) {
        var registry = registries.read(cache);
        if (text.length() > MAX_SEARCH_LENGTH) {
            throw Problem.malformed("search text", text, "at most " + MAX_SEARCH_LENGTH + " characters.");
        }
        int max = Math.clamp(number(size), 1, MAX_HITS);
        int from = (Math.clamp(number(page), 1, LAST_PAGE) - 1) * max;
        var answer = JsonNodeFactory.instance.objectNode();
        var crates = answer.putArray("crates");
        var hits = registry.search(CargoEcosystem.ID, text.strip(), from, max);
        hits.releases().stream()
                .flatMap(hit -> takeable(registry, hit).stream())
                .forEach(release -> crates.addObject()
                        .put("name", release.name())
                        .put("max_version", release.version())
                        .put("description", release.facts().summary()));
        answer.putObject("meta").put("total", hits.total());
        return answer.toString();
    }

    /** Replaces a crate's newest version, if it is yanked, by the newest that is not. */
    private static Optional<ReleaseInfo> takeable(Registry registry, ReleaseInfo newest) {
        return newest.withdrawals().containsKey(CargoEcosystem.YANKED)
                ? registry.find(CargoEcosystem.ID, newest.normalized())
                        .flatMap(view -> IndexFile.of(view).newest())
                        .map(IndexFile.Crate::release)
                : Optional.of(newest);
    }

    /** {@code cargo login} shows this URL. */
    @GET
    @Path("me")
    @Produces(TEXT)
    public String me(@RestPath String cache) {
        return "Reading a public cache needs no token. For a private one, give cargo a token of this server.\n";
    }

    private static byte[] index(Registry registry, String name, String path) {
        return registry.find(CargoEcosystem.ID, CrateName.normalize(name))
                .map(view -> IndexFile.of(view).at(path))
                .filter(file -> !file.crates().isEmpty())
                .map(file -> bytes(file.text(CargoEcosystem.index(registry))))
                .orElseThrow(() -> Problem.notFound("crate", name));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static int number(String digits) {
        return digits.matches("[0-9]{1,6}") ? Integer.parseInt(digits) : 0;
    }
}
