package dev.narthex.publish;

import dev.narthex.access.Action;
import dev.narthex.access.AuditLog;
import dev.narthex.access.AuditLog.AuditEvent;
import dev.narthex.catalog.path.Paths;
import dev.narthex.catalog.path.Realisations;
import dev.narthex.nix.DerivationOutput;
import dev.narthex.nix.StorePath;
import dev.narthex.problem.Problem;
import dev.narthex.spi.Cache;
import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;

/**
 * Stores uploaded realisations. Other builds rely on the first answer, so the path of an output does not change as long as that
 * path is in the cache. Signatures of repeated uploads are merged.
 */
@ApplicationScoped
public class RealisationUpload {
    /** Maximum size of a realisation, in bytes. */
    public static final int MAX_BYTES = 64 * 1024;

    private final Realisations realisations;
    private final Paths paths;
    private final AuditLog audit;

    RealisationUpload(Realisations realisations, Paths paths, AuditLog audit) {
        this.realisations = realisations;
        this.paths = paths;
        this.audit = audit;
    }

    /** @return whether the cache had no realisation of this output */
    public boolean receive(Cache cache, DerivationOutput output, byte[] body) {
        var uploaded = RealisationJson.parse(output, body);
        return QuarkusTransaction.requiringNew().call(() -> addRealisation(cache, output, uploaded));
    }

    private boolean addRealisation(Cache cache, DerivationOutput output, RealisationJson uploaded) {
        var path = uploaded.outPath();
        if (!hasPath(cache, path)) {
            throw Problem.missingReferences(output.toString(), List.of(path.baseName()));
        }
        var stored = realisations.add(cache.id(), output, uploaded.json()).map(RealisationJson::parseStored);
        stored.map(previous -> merge(cache, output, previous, uploaded))
                .ifPresent(merged -> realisations.replace(cache.id(), output, merged.json()));
        audit.recordDone(AuditEvent.ofCache(cache, Action.PUSH, "realisation of " + output));
        return stored.isEmpty();
    }

    private RealisationJson merge(
            Cache cache, DerivationOutput output, RealisationJson previous, RealisationJson uploaded) {
        if (!previous.outPath().equals(uploaded.outPath())) {
            if (hasPath(cache, previous.outPath())) {
                throw Problem.conflict(
                        "Other output",
                        output + " is " + previous.outPath() + " in this cache; what was sent says "
                                + uploaded.outPath()
                                + ". The first one stays. The build may not be reproducible.");
            }
            return uploaded;
        }
        var merged = previous.mergeWith(uploaded);
        if (merged.json().toString().length() > MAX_BYTES) {
            throw Problem.tooLarge("signatures", "A realisation may have " + MAX_BYTES + " bytes with all signatures.");
        }
        return merged;
    }

    private boolean hasPath(Cache cache, StorePath path) {
        return paths.missingFrom(cache.id(), List.of(path.baseName())).isEmpty();
    }
}
