package dev.narthex.publish;

import dev.narthex.access.Action;
import dev.narthex.access.AuditLog;
import dev.narthex.access.AuditLog.AuditEvent;
import dev.narthex.catalog.change.ChangeLog;
import dev.narthex.catalog.path.NewPath;
import dev.narthex.catalog.path.PathInfo;
import dev.narthex.catalog.path.Paths;
import dev.narthex.catalog.release.DerivedFileRepository;
import dev.narthex.nix.NarInfo;
import dev.narthex.nix.NixHash;
import dev.narthex.nix.StorePath;
import dev.narthex.problem.Problem;
import dev.narthex.publish.recognize.ReleaseRecognition;
import dev.narthex.publish.recognize.TranscodingJob;
import dev.narthex.spi.Cache;
import dev.narthex.spi.JobQueue;
import dev.narthex.store.Nar;
import dev.narthex.store.NarStore;
import dev.narthex.store.PendingUploads;
import io.quarkus.logging.Log;
import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** Adds pushed store paths to caches. */
@ApplicationScoped
public class PathPublisher {
    private final NarStore nars;
    private final PendingUploads pendingUploads;
    private final Paths paths;
    private final DerivedFileRepository derivedFiles;
    private final ChangeLog changes;
    private final JobQueue jobs;
    private final ContentAddressCheck contentCheck;
    private final AuditLog audit;

    PathPublisher(
            NarStore nars,
            PendingUploads pendingUploads,
            Paths paths,
            DerivedFileRepository derivedFiles,
            ChangeLog changes,
            JobQueue jobs,
            ContentAddressCheck contentCheck,
            AuditLog audit) {
        this.nars = nars;
        this.pendingUploads = pendingUploads;
        this.paths = paths;
        this.derivedFiles = derivedFiles;
        this.changes = changes;
        this.jobs = jobs;
        this.contentCheck = contentCheck;
        this.audit = audit;
    }

    /** Whether all references of a path must already be in the cache. */
    public enum ReferencePolicy {
        REQUIRE_PRESENT,
        ALLOW_ABSENT
    }

    /**
     * Publishes the path of a narinfo after checking it: the NAR was uploaded and has this hash and size, the content address
     * matches path and content, and all references are in the cache if required. If the path exists with the same bytes, its
     * signatures are merged. If it exists with other bytes, the push is rejected and stored as an observation.
     *
     * @param principal name of the principal, as {@code Access.principal()} returns it
     * @return whether the path is new
     * @throws dev.narthex.problem.ProblemException Mismatch, Conflict, MissingReferences
     */
    public boolean publish(Cache cache, NarInfo info, String principal, ReferencePolicy references) throws IOException {
        var existing = paths.find(cache.id(), info.path().hash())
                .filter(candidate -> candidate.path().equals(info.path()));
        var nar = resolveNar(cache, info, existing, principal);
        checkNar(info, nar);
        if (!isChecked(info, existing)) {
            contentCheck.check(info, nar);
        }
        return QuarkusTransaction.requiringNew().call(() -> addPath(cache, info, nar, principal, references));
    }

    /**
     * Returns whether the content address was checked by an earlier push. A check may take longer than the client waits; the path
     * is then present when the client sends the narinfo again.
     */
    private static boolean isChecked(NarInfo info, Optional<PathInfo> existing) {
        return existing.filter(candidate -> candidate.narHash().equals(info.narHash())
                        && candidate.ca().equals(info.ca())
                        && candidate.references().equals(info.references()))
                .isPresent();
    }

    private Nar resolveNar(Cache cache, NarInfo info, Optional<PathInfo> existing, String principal) {
        if (existing.isPresent() && existing.get().narHash().equals(info.narHash())) {
            return nars.find(existing.get().narId())
                    .orElseThrow(() -> narNotFound(info).toException());
        }
        var fileName = info.url().substring(info.url().lastIndexOf('/') + 1);
        var uploaded = pendingUploads
                .findNarId(cache.id(), fileName)
                .flatMap(nars::find)
                .orElseThrow(() -> narNotFound(info).toException());
        checkNar(info, uploaded);
        if (existing.isPresent()) {
            throw conflictingBytes(cache, info, existing.get().narHash(), principal);
        }
        return uploaded;
    }

    private static Problem narNotFound(NarInfo info) {
        return new Problem.Mismatch(
                "URL", "The NAR " + info.url() + " of " + info.path() + " is not in this cache. Send it first.");
    }

    /**
     * Stores the observation that two builds of one derivation produced different bytes. It is committed although the push is
     * rejected.
     */
    private RuntimeException conflictingBytes(Cache cache, NarInfo info, NixHash storedHash, String principal) {
        var signer = info.sigs().isEmpty() ? "unsigned" : info.sigs().getFirst().keyName();
        QuarkusTransaction.requiringNew().run(() -> {
            if (paths.recordConflict(cache.id(), info.path().hash(), info.narHash(), signer)) {
                logChange(cache, info.path());
            }
            audit.recordRefused(
                    AuditEvent.ofCache(cache, Action.PUSH, info.path().baseName()), principal);
        });
        return conflictingBytes(info, storedHash);
    }

    private static RuntimeException conflictingBytes(NarInfo info, NixHash storedHash) {
        return Problem.conflict(
                "Other bytes",
                info.path() + " is in this cache with NAR hash " + storedHash + "; the upload has " + info.narHash()
                        + ". The first one stays. The build may not be reproducible.");
    }

    private static void checkNar(NarInfo info, Nar nar) {
        if (!nar.narHash().equals(info.narHash())) {
            throw Problem.mismatch(
                    "NarHash",
                    "The narinfo of " + info.path() + " says " + info.narHash() + ", the NAR that was sent has "
                            + nar.narHash() + ".");
        }
        if (nar.narSize() != info.narSize()) {
            throw Problem.mismatch(
                    "NarSize",
                    "The narinfo of " + info.path() + " says " + info.narSize() + " bytes, the NAR has " + nar.narSize()
                            + ".");
        }
    }

    private boolean addPath(Cache cache, NarInfo info, Nar nar, String principal, ReferencePolicy references) {
        if (!nars.lockAgainstGc(nar.id())) {
            throw narNotFound(info).toException();
        }
        var self = info.path().baseName();
        var missing = paths.missingFrom(
                cache.id(),
                info.references().stream().filter(r -> !r.equals(self)).toList());
        if (!missing.isEmpty() && references == ReferencePolicy.REQUIRE_PRESENT) {
            throw Problem.missingReferences(self, missing);
        }
        var result = paths.add(
                cache.id(),
                new NewPath(
                        info.path(),
                        nar.id(),
                        nar.narSize(),
                        info.references(),
                        info.deriver().map(StorePath::parseBaseName),
                        info.ca(),
                        info.sigs(),
                        "pushed",
                        principal));
        return switch (result) {
            case Paths.AddResult.Inserted created -> {
                audit.recordDone(AuditEvent.ofCache(cache, Action.PUSH, self), principal);
                queueRecognition(cache, info.path());
                logChange(cache, info.path());
                Log.infof("published %s %s %d bytes", cache.name(), self, nar.narSize());
                yield true;
            }
            case Paths.AddResult.Unchanged existing -> {
                audit.recordDone(AuditEvent.ofCache(cache, Action.PUSH, self), principal);
                if (existing.signed()) {
                    logChange(cache, info.path());
                }
                queueDamagedRebuild(cache, info.path(), nar);
                yield false;
            }
            case Paths.AddResult.Conflicting conflict -> throw conflictingBytes(info, conflict.had());
        };
    }

    private void logChange(Cache cache, StorePath path) {
        changes.append(cache.id(), "path", Optional.empty(), Optional.empty(), Optional.of(path.hash()));
    }

    /** Remakes damaged derived files: pushing their tree again may have repaired the tree, but not the files. */
    private void queueDamagedRebuild(Cache cache, StorePath tree, Nar nar) {
        var derivedPaths = derivedFiles.listMadeFrom(cache.id(), List.of(nar.narHash()));
        if (!derivedPaths.isEmpty()
                && !paths.listDamaged(cache.id(), derivedPaths).isEmpty()) {
            jobs.queue(TranscodingJob.KIND, ReleaseRecognition.jobKey(cache, tree.hash()));
        }
    }

    /** Queues recognition of the path; for a derivation also of its outputs, about which more is known now. */
    private void queueRecognition(Cache cache, StorePath path) {
        jobs.queue(ReleaseRecognition.KIND, ReleaseRecognition.jobKey(cache, path.hash()));
        if (path.isDerivation()) {
            for (var output : paths.outputsOf(cache.id(), path.baseName())) {
                jobs.queue(ReleaseRecognition.KIND, ReleaseRecognition.jobKey(cache, output.hash()));
            }
        }
    }
}
