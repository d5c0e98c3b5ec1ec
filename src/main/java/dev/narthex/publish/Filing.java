package dev.narthex.publish;

import dev.narthex.access.Action;
import dev.narthex.access.Audit;
import dev.narthex.access.Audit.Act;
import dev.narthex.catalog.Digests;
import dev.narthex.catalog.Entered;
import dev.narthex.catalog.Publications;
import dev.narthex.catalog.Recorded;
import dev.narthex.catalog.VersionOrder;
import dev.narthex.nix.NarWriter;
import dev.narthex.problem.Problem;
import dev.narthex.spi.Cache;
import dev.narthex.spi.Ecosystem;
import dev.narthex.spi.Found;
import dev.narthex.spi.FoundArtifact;
import dev.narthex.spi.Place;
import dev.narthex.spi.Publication;
import dev.narthex.spi.Received;
import dev.narthex.store.Nars;
import dev.narthex.store.Staged;
import io.quarkus.arc.All;
import io.quarkus.logging.Log;
import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import org.eclipse.microprofile.context.ManagedExecutor;

/**
 * Publishes files uploaded through a registry. Like a fetcher of nixpkgs, it stores each file as a flat fixed-output path, which
 * nix accepts without a signature, by the SHA-512 and by the SHA-256 of the file. The bytes are made durable first; then one
 * transaction adds paths, release, tags and audit entry.
 */
@ApplicationScoped
class Filing {
    private static final int NAME_LIMIT = 211;

    private final Nars nars;
    private final Publications publications;
    private final FilePaths filePaths;
    private final Audit audit;
    private final List<Ecosystem> ecosystems;
    private final ManagedExecutor workers;

    Filing(
            Nars nars,
            Publications publications,
            FilePaths filePaths,
            Audit audit,
            @All List<Ecosystem> ecosystems,
            ManagedExecutor workers) {
        this.nars = nars;
        this.publications = publications;
        this.filePaths = filePaths;
        this.audit = audit;
        this.ecosystems = ecosystems;
        this.workers = workers;
    }

    /**
     * A file to publish.
     *
     * @param by name of the principal, as {@code Access.principal()} returns it
     * @param check rejects the publication with an error in the ecosystem's terms
     */
    record Order(
            Cache cache, String ecosystem, Publication publication, Arriving file, String by, Consumer<Place> check) {
        FilePaths.Entry entry(String name) {
            return new FilePaths.Entry(cache, name, Digests.of(file::hash), publication.address(), "published", by);
        }

        String base() {
            return publication.name() + "@" + publication.version();
        }
    }

    /** Starts to store a file. The quota of the cache is checked later, when the file is added. */
    Arriving arriving(Cache cache, Received file) {
        long size = file.length();
        return Arriving.begin(file, () -> {
            try (var bytes = file.open()) {
                return nars.stage(NarWriter.flat(size, bytes), cache.domainId());
            }
        });
    }

    boolean publish(Order order) throws IOException {
        var entry = order.entry(storeName(order.publication().filename()));
        var staged = order.file().stored();
        boolean fresh = entered(() -> enter(order, entry, staged));
        Log.infof(
                "published %s %s %s %d bytes",
                order.cache().name(),
                order.ecosystem(),
                order.base(),
                order.file().length());
        return fresh;
    }

    /**
     * Runs the transaction on a platform thread: a virtual thread would be woken by two others for each database statement. Not
     * interruptible, since the stored bytes must stay until it is known whether the transaction committed.
     */
    private boolean entered(Callable<Boolean> enter) {
        try {
            return workers.supplyAsync(() -> QuarkusTransaction.requiringNew().call(enter))
                    .join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException failure ? failure : new IllegalStateException(e.getCause());
        }
    }

    private boolean enter(Order order, FilePaths.Entry entry, Staged staged) {
        var standing = filePaths.enter(entry, staged);
        standing.taken().stream().findFirst().ifPresent(taken -> {
            throw new Problem.Conflict(
                            "Other bytes",
                            "The place of this file in the store, " + taken + ", is taken by another one.")
                    .asException();
        });
        boolean fresh = publications.publish(
                order.cache(),
                order.ecosystem(),
                order.publication(),
                recorded(order, entry, standing.first().orElseThrow()),
                order.check());
        audit.done(Act.in(order.cache(), Action.PUBLISH, order.ecosystem() + " " + order.base()), order.by());
        return fresh;
    }

    private Recorded recorded(Order order, FilePaths.Entry entry, Entered path) {
        var publication = order.publication();
        var ecosystem = Ecosystem.named(ecosystems, order.ecosystem()).orElseThrow();
        var artifact = new FoundArtifact(
                publication.filename(),
                FoundArtifact.Origin.PUBLISHED,
                "out",
                "any",
                NarWriter.FLAT_OFFSET,
                order.file().length(),
                "");
        return new Recorded(
                new Found(
                        publication.name(),
                        publication.version(),
                        publication.facts(),
                        publication.dependencies(),
                        List.of(artifact)),
                ecosystem.normalise(publication.name()),
                VersionOrder.of(ecosystem, publication.version()),
                true,
                path,
                path.path().hash(),
                List.of(entry.digests()),
                Recognition.VERSION,
                order.by());
    }

    /**
     * Returns the store path name that nixpkgs' fetchers use. Characters not allowed in store paths become dashes (NixOS/nixpkgs
     * lib/strings.nix, sanitizeDerivationName), such as the exclamation mark of a version epoch.
     */
    private static String storeName(String filename) {
        var name = filename.replaceAll("[^0-9A-Za-z+._?=-]+", "-");
        if (name.length() > NAME_LIMIT || name.startsWith(".")) {
            throw new Problem.Malformed(
                            "file name",
                            filename,
                            "a file of the store has a name of at most " + NAME_LIMIT
                                    + " characters, of which the first is no dot.")
                    .asException();
        }
        return name;
    }
}
