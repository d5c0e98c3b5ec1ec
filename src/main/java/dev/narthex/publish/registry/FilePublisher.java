package dev.narthex.publish.registry;

import dev.narthex.access.Action;
import dev.narthex.access.AuditLog;
import dev.narthex.access.AuditLog.AuditEvent;
import dev.narthex.catalog.path.StoredPath;
import dev.narthex.catalog.release.ArtifactDigests;
import dev.narthex.catalog.release.RecognizedRelease;
import dev.narthex.catalog.release.ReleasePublisher;
import dev.narthex.catalog.release.VersionSortKey;
import dev.narthex.nix.NarWriter;
import dev.narthex.problem.Problem;
import dev.narthex.publish.recognize.FixedOutputPaths;
import dev.narthex.publish.recognize.ReleaseRecognition;
import dev.narthex.spi.Cache;
import dev.narthex.spi.Ecosystem;
import dev.narthex.spi.FoundArtifact;
import dev.narthex.spi.FoundRelease;
import dev.narthex.spi.Publication;
import dev.narthex.spi.PublishTarget;
import dev.narthex.spi.ReceivedFile;
import dev.narthex.store.NarStore;
import dev.narthex.store.StagedNar;
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
class FilePublisher {
    private static final int MAX_NAME_LENGTH = 211;

    private final NarStore nars;
    private final ReleasePublisher publications;
    private final FixedOutputPaths filePaths;
    private final AuditLog audit;
    private final List<Ecosystem> ecosystems;
    private final ManagedExecutor executor;

    FilePublisher(
            NarStore nars,
            ReleasePublisher publications,
            FixedOutputPaths filePaths,
            AuditLog audit,
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
            StagedUpload file,
            String principal,
            Consumer<PublishTarget> check) {
        FixedOutputPaths.NewFile toNewFile(String name) {
            return new FixedOutputPaths.NewFile(
                    cache, name, ArtifactDigests.of(file::hash), publication.address(), "published", principal);
        }

        String packageSpec() {
            return publication.name() + "@" + publication.version();
        }
    }

    /** Starts to store a file. The quota of the cache is checked later, when the file is added. */
    StagedUpload startStaging(Cache cache, ReceivedFile file) {
        long size = file.length();
        return StagedUpload.begin(file, () -> {
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

    private boolean addRelease(FilePublication filePublication, FixedOutputPaths.NewFile newFile, StagedNar staged) {
        var addedPaths = filePaths.addFile(newFile, staged);
        addedPaths.conflicting().stream().findFirst().ifPresent(path -> {
            throw Problem.conflict(
                    "Other bytes", "The place of this file in the store, " + path + ", is taken by another one.");
        });
        boolean isNew = publications.publish(
                filePublication.cache(),
                filePublication.ecosystem(),
                filePublication.publication(),
                toRelease(filePublication, newFile, addedPaths.first().orElseThrow()),
                filePublication.check());
        audit.recordDone(
                AuditEvent.ofCache(
                        filePublication.cache(),
                        Action.PUBLISH,
                        filePublication.ecosystem() + " " + filePublication.packageSpec()),
                filePublication.principal());
        return isNew;
    }

    private RecognizedRelease toRelease(
            FilePublication filePublication, FixedOutputPaths.NewFile newFile, StoredPath path) {
        var publication = filePublication.publication();
        var ecosystem = Ecosystem.byId(ecosystems, filePublication.ecosystem()).orElseThrow();
        var artifact = new FoundArtifact(
                publication.filename(),
                FoundArtifact.Origin.PUBLISHED,
                "out",
                "any",
                NarWriter.FLAT_OFFSET,
                filePublication.file().length(),
                "");
        return new RecognizedRelease(
                new FoundRelease(
                        publication.name(),
                        publication.version(),
                        publication.facts(),
                        publication.dependencies(),
                        List.of(artifact)),
                ecosystem.normalize(publication.name()),
                VersionSortKey.of(ecosystem, publication.version()),
                true,
                path,
                path.path().hash(),
                List.of(newFile.digests()),
                ReleaseRecognition.VERSION,
                filePublication.principal());
    }

    /**
     * Returns the store path name that nixpkgs' fetchers use. Characters not allowed in store paths become dashes (NixOS/nixpkgs
     * lib/strings.nix, sanitizeDerivationName), such as the exclamation mark of a version epoch.
     */
    private static String storeName(String filename) {
        var name = filename.replaceAll("[^0-9A-Za-z+._?=-]+", "-");
        if (name.length() > MAX_NAME_LENGTH || name.startsWith(".")) {
            throw Problem.malformed(
                    "file name",
                    filename,
                    "a file of the store has a name of at most " + MAX_NAME_LENGTH
                            + " characters, of which the first is no dot.");
        }
        return name;
    }
}
