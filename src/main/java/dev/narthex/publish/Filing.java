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
    private static final int MAX_NAME_LENGTH = 211;

    private final Nars nars;
    private final Publications publications;
    private final FilePaths filePaths;
    private final Audit audit;
    private final List<Ecosystem> ecosystems;
    private final ManagedExecutor executor;

    Filing(
            Nars nars,
            Publications publications,
            FilePaths filePaths,
            Audit audit,
            @All List<Ecosystem> ecosystems,
            ManagedExecutor executor) {
        this.nars = nars;
        this.publications = publications;
        this.filePaths = filePaths;
        this.audit = audit;
        this.ecosystems = ecosystems;
        this.executor = executor;
    }

    /**
     * A file to publish.
     *
     * @param principal name of the principal, as {@code Access.principal()} returns it
     * @param check rejects the publication with an error in the ecosystem's terms
     */
    record FilePublication(
            Cache cache,
            String ecosystem,
            Publication publication,
            Arriving file,
            String principal,
            Consumer<Place> check) {
        FilePaths.NewFile toNewFile(String name) {
            return new FilePaths.NewFile(
                    cache, name, Digests.of(file::hash), publication.address(), "published", principal);
        }

        String packageSpec() {
            return publication.name() + "@" + publication.version();
        }
    }

    /** Starts to store a file. The quota of the cache is checked later, when the file is added. */
    Arriving startStaging(Cache cache, Received file) {
        long size = file.length();
        return Arriving.begin(file, () -> {
            try (var bytes = file.open()) {
                return nars.stage(NarWriter.flat(size, bytes), cache.domainId());
            }
        });
    }

    boolean publish(FilePublication filePublication) throws IOException {
        var newFile = filePublication.toNewFile(
                storeName(filePublication.publication().filename()));
        var staged = filePublication.file().awaitStaged();
        boolean isNew = inTransaction(() -> addRelease(filePublication, newFile, staged));
        Log.infof(
                "published %s %s %s %d bytes",
                filePublication.cache().name(),
                filePublication.ecosystem(),
                filePublication.packageSpec(),
                filePublication.file().length());
        return isNew;
    }

    /**
     * Runs the transaction on a platform thread: a virtual thread would be woken by two others for each database statement. Not
     * interruptible, since the stored bytes must stay until it is known whether the transaction committed.
     */
    private boolean inTransaction(Callable<Boolean> action) {
        try {
            return executor.supplyAsync(() -> QuarkusTransaction.requiringNew().call(action))
                    .join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException failure ? failure : new IllegalStateException(e.getCause());
        }
    }

    private boolean addRelease(FilePublication filePublication, FilePaths.NewFile newFile, Staged staged) {
        var addedPaths = filePaths.addFile(newFile, staged);
        addedPaths.conflicting().stream().findFirst().ifPresent(path -> {
            throw new Problem.Conflict(
                            "Other bytes",
                            "The place of this file in the store, " + path + ", is taken by another one.")
                    .asException();
        });
        boolean isNew = publications.publish(
                filePublication.cache(),
                filePublication.ecosystem(),
                filePublication.publication(),
                toRelease(filePublication, newFile, addedPaths.first().orElseThrow()),
                filePublication.check());
        audit.done(
                Act.in(
                        filePublication.cache(),
                        Action.PUBLISH,
                        filePublication.ecosystem() + " " + filePublication.packageSpec()),
                filePublication.principal());
        return isNew;
    }

    private Recorded toRelease(FilePublication filePublication, FilePaths.NewFile newFile, Entered path) {
        var publication = filePublication.publication();
        var ecosystem = Ecosystem.named(ecosystems, filePublication.ecosystem()).orElseThrow();
        var artifact = new FoundArtifact(
                publication.filename(),
                FoundArtifact.Origin.PUBLISHED,
                "out",
                "any",
                NarWriter.FLAT_OFFSET,
                filePublication.file().length(),
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
                List.of(newFile.digests()),
                Recognition.VERSION,
                filePublication.principal());
    }

    /**
     * Returns the store path name that nixpkgs' fetchers use. Characters not allowed in store paths become dashes (NixOS/nixpkgs
     * lib/strings.nix, sanitizeDerivationName), such as the exclamation mark of a version epoch.
     */
    private static String storeName(String filename) {
        var name = filename.replaceAll("[^0-9A-Za-z+._?=-]+", "-");
        if (name.length() > MAX_NAME_LENGTH || name.startsWith(".")) {
            throw new Problem.Malformed(
                            "file name",
                            filename,
                            "a file of the store has a name of at most " + MAX_NAME_LENGTH
                                    + " characters, of which the first is no dot.")
                    .asException();
        }
        return name;
    }
}
