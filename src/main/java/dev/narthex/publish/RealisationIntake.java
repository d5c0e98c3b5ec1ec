package dev.narthex.publish;

import dev.narthex.access.Action;
import dev.narthex.access.Audit;
import dev.narthex.access.Audit.Act;
import dev.narthex.catalog.Paths;
import dev.narthex.catalog.Realisations;
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
public class RealisationIntake {
    /** Maximum size of a realisation, in bytes. */
    public static final int LIMIT = 64 * 1024;

    private final Realisations realisations;
    private final Paths paths;
    private final Audit audit;

    RealisationIntake(Realisations realisations, Paths paths, Audit audit) {
        this.realisations = realisations;
        this.paths = paths;
        this.audit = audit;
    }

    /** @return whether the cache had no realisation of this output */
    public boolean take(Cache cache, DerivationOutput of, byte[] body) {
        var sent = Realisation.parse(of, body);
        return QuarkusTransaction.requiringNew().call(() -> enter(cache, of, sent));
    }

    private boolean enter(Cache cache, DerivationOutput of, Realisation sent) {
        var path = sent.outPath();
        if (!has(cache, path)) {
            throw new Problem.MissingReferences(of.toString(), List.of(path.base())).asException();
        }
        var there = realisations.add(cache.id(), of, sent.json()).map(Realisation::kept);
        there.map(had -> next(cache, of, had, sent))
                .ifPresent(next -> realisations.replace(cache.id(), of, next.json()));
        audit.done(Act.in(cache, Action.PUSH, "realisation of " + of));
        return there.isEmpty();
    }

    private Realisation next(Cache cache, DerivationOutput of, Realisation had, Realisation sent) {
        if (!had.outPath().equals(sent.outPath())) {
            if (has(cache, had.outPath())) {
                throw new Problem.Conflict(
                                "Other output",
                                of + " is " + had.outPath() + " in this cache; what was sent says " + sent.outPath()
                                        + ". The first one stays. The build may not be reproducible.")
                        .asException();
            }
            return sent;
        }
        var both = had.and(sent);
        if (both.json().toString().length() > LIMIT) {
            throw new Problem.TooLarge("signatures", "A realisation may have " + LIMIT + " bytes with all signatures.")
                    .asException();
        }
        return both;
    }

    private boolean has(Cache cache, StorePath path) {
        return paths.missing(cache.id(), List.of(path.base())).isEmpty();
    }
}
