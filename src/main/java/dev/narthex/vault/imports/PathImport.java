package dev.narthex.vault.imports;

import dev.narthex.catalog.path.Paths;
import dev.narthex.nix.Compression;
import dev.narthex.nix.Compression.CompressionFormat;
import dev.narthex.nix.NarInfo;
import dev.narthex.nix.PublicKey;
import dev.narthex.problem.Problem;
import dev.narthex.problem.ProblemException;
import dev.narthex.publish.NarUpload;
import dev.narthex.publish.PathPublisher;
import dev.narthex.publish.PathPublisher.ReferencePolicy;
import dev.narthex.spi.Cache;
import dev.narthex.vault.imports.ImportPaths.State;
import dev.narthex.vault.imports.RetryPolicy.StoppedException;
import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.util.List;

/**
 * Imports one path: reads its narinfo, then fetches its NAR and publishes it like a push. References that the source does not have
 * may be missing here too, as with attic clients, whose caches leave out paths of upstream caches.
 */
@ApplicationScoped
class PathImport {
    private final ImportPaths importPaths;
    private final Paths paths;
    private final NarUpload narUpload;
    private final PathPublisher publisher;

    PathImport(ImportPaths importPaths, Paths paths, NarUpload narUpload, PathPublisher publisher) {
        this.importPaths = importPaths;
        this.paths = paths;
        this.narUpload = narUpload;
        this.publisher = publisher;
    }

    /** An import's source, destination and retry policy. */
    record ImportContext(
            Cache cache, ImportRun run, RemoteCache source, RetryPolicy patience, List<PublicKey> trustedKeys) {}

    /**
     * Runs the next step of a path and records the result.
     *
     * @return false if the source did not respond after all retries
     */
    boolean importNext(ImportContext context, ImportPaths.NextPath next) throws StoppedException {
        try {
            if (next.narInfo().isEmpty()) {
                fetchNarInfo(context, next.hashPart());
            } else {
                importPath(context, NarInfo.parse(next.narInfo()));
            }
            return true;
        } catch (ProblemException e) {
            finish(context, next.hashPart(), State.FAILED, e.problem().detail());
            return true;
        } catch (StoppedException e) {
            throw e;
        } catch (IOException e) {
            finish(context, next.hashPart(), State.FAILED, "the source does not answer: " + e.getMessage());
            return false;
        }
    }

    private void fetchNarInfo(ImportContext context, String hashPart) throws IOException {
        var text = context.patience().with(() -> context.source().text(hashPart + ".narinfo"));
        if (text.isEmpty()) {
            finish(context, hashPart, State.MISSING, "the source does not have it");
            return;
        }
        var info = NarInfo.parse(text.get());
        if (!info.path().hash().equals(hashPart)) {
            throw Problem.mismatch("StorePath", hashPart + ".narinfo of the source is of " + info.path() + ".");
        }
        if (!isTrusted(context, info)) {
            throw Problem.mismatch("Sig", info.path() + " is not signed by a trusted key.");
        }
        QuarkusTransaction.requiringNew().run(() -> importPaths.storeNarInfo(context.run(), info));
    }

    /** Content-addressed paths need no signature: the address is checked when they are published. */
    private static boolean isTrusted(ImportContext context, NarInfo info) {
        return context.trustedKeys().isEmpty()
                || info.ca().isPresent()
                || context.trustedKeys().stream()
                        .anyMatch(key -> info.sigs().stream().anyMatch(sig -> key.verifies(info.fingerprint(), sig)));
    }

    private void importPath(ImportContext context, NarInfo info) throws IOException {
        var file = info.narHash().nix32() + ".nar";
        boolean here = paths.find(context.cache().id(), info.path().hash())
                .filter(path -> path.narHash().equals(info.narHash()))
                .isPresent();
        var plain = info.withNar("nar/" + file);
        context.patience().with(() -> {
            if (!here && !narUpload.hasUpload(context.cache(), file)) {
                fetch(context, info, file);
            }
            return publisher.publish(context.cache(), plain, context.run().by(), ReferencePolicy.ALLOW_ABSENT);
        });
        finish(context, info.path().hash(), here ? State.HERE : State.FETCHED, "");
    }

    private void fetch(ImportContext context, NarInfo info, String file) throws IOException {
        var kind = CompressionFormat.findByToken(info.compression())
                .orElseThrow(() -> Problem.mismatch("Compression", info.compression() + " is not read here."));
        var body = context.source()
                .open(info.url())
                .orElseThrow(() -> Problem.mismatch("URL", "The source does not have " + info.url() + "."));
        try (body;
                var nar = Compression.decompress(body, kind, "NAR")) {
            narUpload.receive(context.cache(), file, new ExactLengthNar(nar, info.narSize(), context.patience()));
        }
    }

    private void finish(ImportContext context, String hashPart, State state, String reason) {
        QuarkusTransaction.requiringNew().run(() -> importPaths.setFinalState(context.run(), hashPart, state, reason));
    }
}
