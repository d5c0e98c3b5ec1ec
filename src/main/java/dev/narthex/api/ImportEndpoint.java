package dev.narthex.api;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.narthex.access.Access;
import dev.narthex.access.Action;
import dev.narthex.access.AuditLog;
import dev.narthex.access.AuditLog.AuditEvent;
import dev.narthex.problem.Problem;
import dev.narthex.spi.Cache;
import dev.narthex.spi.JobQueue;
import dev.narthex.spi.UntrustedJson;
import dev.narthex.vault.imports.ImportJob;
import dev.narthex.vault.imports.ImportPaths;
import dev.narthex.vault.imports.ImportRun;
import dev.narthex.vault.imports.Imports;
import dev.narthex.vault.imports.RemoteCache;
import dev.narthex.vault.imports.SourceUrl;
import dev.narthex.vault.imports.VaultConfig;
import io.quarkus.logging.Log;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import org.jboss.resteasy.reactive.RestPath;

/**
 * Starts, shows and stops imports from other binary caches. For admins only, since the server connects to the URL in the request.
 */
@Path("/_api/v1/{cache}/import")
@RunOnVirtualThread
class ImportEndpoint {
    private static final int MAX_FAILURES = 1000;

    private final Access access;
    private final AuditLog audit;
    private final Imports imports;
    private final ImportPaths paths;
    private final JobQueue jobs;
    private final OperatorTickets tickets;
    private final VaultConfig config;
    private final ObjectMapper json;

    ImportEndpoint(
            Access access,
            AuditLog audit,
            Imports imports,
            ImportPaths paths,
            JobQueue jobs,
            OperatorTickets tickets,
            VaultConfig config,
            ObjectMapper json) {
        this.access = access;
        this.audit = audit;
        this.imports = imports;
        this.paths = paths;
        this.jobs = jobs;
        this.tickets = tickets;
        this.config = config;
        this.json = json.copyWith(UntrustedJson.factory());
    }

    /**
     * Starts an import. If the cache already has one from this source, adds the paths to it: a running import continues, a stopped
     * one resumes, and a finished one starts again.
     */
    @POST
    @Consumes(MediaType.WILDCARD)
    @Produces(MediaType.APPLICATION_JSON)
    public ImportStatus begin(@RestPath String cache, InputStream body) throws IOException {
        var foundCache = admin(cache);
        var order = ImportOrder.read(json, body);
        var source = order.sourceUrl();
        var roots = order.roots();
        var keys = order.keys();
        boolean anywhere = config.privateAddresses()
                || (order.ticket().isPresent() && tickets.redeem(order.ticket().get()));
        requireCache(source, anywhere);
        var params =
                new ImportRun.ImportParams(source.toString(), order.isWholeCache(), keys, anywhere, access.principal());
        var run = QuarkusTransaction.requiringNew().call(() -> {
            var started = imports.start(foundCache.id(), params);
            paths.addWanted(started, roots);
            jobs.queue(ImportJob.KIND, ImportJob.key(foundCache, started));
            audit.recordDone(AuditEvent.ofCache(foundCache, Action.PUSH, "import from " + source));
            return started;
        });
        Log.infof("importing %s into %s", source, foundCache.name());
        return status(run);
    }

    /** Checks the source immediately, so that the client sees what is wrong with it. */
    private void requireCache(SourceUrl url, boolean anywhere) {
        try {
            if (new RemoteCache(url, anywhere, config).text("nix-cache-info").isPresent()) {
                return;
            }
        } catch (IOException e) {
            throw Problem.mismatch("source", url + " does not answer: " + e.getMessage());
        }
        throw Problem.mismatch("source", url + " is not a public binary cache: it has no nix-cache-info.");
    }

    @GET
    @Produces(MediaType.APPLICATION_JSON)
    public List<ImportStatus> list(@RestPath String cache) {
        var foundCache = admin(cache);
        return imports.list(foundCache.id()).stream()
                .map(run -> ImportStatus.of(run, paths.totals(run, ImportStatus.RECENT), List.of()))
                .toList();
    }

    @GET
    @Path("{id:[0-9]{1,18}}")
    @Produces(MediaType.APPLICATION_JSON)
    public ImportStatus get(@RestPath String cache, @RestPath long id) {
        return status(run(admin(cache), id));
    }

    /** Returns the status as text, as {@code deploy/run import} shows it. */
    @GET
    @Path("{id:[0-9]{1,18}}")
    @Produces(MediaType.TEXT_PLAIN)
    public String text(@RestPath String cache, @RestPath long id) {
        return get(cache, id).text();
    }

    @DELETE
    @Path("{id:[0-9]{1,18}}")
    @Produces(MediaType.APPLICATION_JSON)
    public ImportStatus stop(@RestPath String cache, @RestPath long id) {
        var foundCache = admin(cache);
        var run = run(foundCache, id);
        QuarkusTransaction.requiringNew().run(() -> {
            imports.stop(run, "It was stopped by " + access.principal() + ".");
            audit.recordDone(AuditEvent.ofCache(foundCache, Action.PUSH, "stop of the import from " + run.source()));
        });
        return status(run(foundCache, id));
    }

    private Cache admin(String cache) {
        var foundCache = access.require(Action.PUSH, cache);
        access.requireAdmin(Action.PUSH, foundCache);
        return foundCache;
    }

    private ImportRun run(Cache cache, long id) {
        return imports.find(cache.id(), id).orElseThrow(() -> Problem.notFound("import", Long.toString(id)));
    }

    private ImportStatus status(ImportRun run) {
        return ImportStatus.of(run, paths.totals(run, ImportStatus.RECENT), paths.listFailures(run, MAX_FAILURES));
    }
}
