package dev.narthex.publish;

import dev.narthex.access.Action;
import dev.narthex.access.Audit;
import dev.narthex.access.Audit.Act;
import dev.narthex.catalog.Changes;
import dev.narthex.catalog.DerivedFiles;
import dev.narthex.catalog.NewPath;
import dev.narthex.catalog.PathFacts;
import dev.narthex.catalog.Paths;
import dev.narthex.nix.NarInfo;
import dev.narthex.nix.NixHash;
import dev.narthex.nix.StorePath;
import dev.narthex.problem.Problem;
import dev.narthex.spi.Cache;
import dev.narthex.spi.Jobs;
import dev.narthex.store.Nar;
import dev.narthex.store.Nars;
import dev.narthex.store.Uploads;
import io.quarkus.logging.Log;
import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** Adds pushed store paths to caches. */
@ApplicationScoped
public class Publisher {
    private final Nars nars;
    private final Uploads uploads;
    private final Paths paths;
    private final DerivedFiles derived;
    private final Changes changes;
    private final Jobs jobs;
    private final ContentCheck contentCheck;
    private final Audit audit;

    Publisher(
            Nars nars,
            Uploads uploads,
            Paths paths,
            DerivedFiles derived,
            Changes changes,
            Jobs jobs,
            ContentCheck contentCheck,
            Audit audit) {
        this.nars = nars;
        this.uploads = uploads;
        this.paths = paths;
        this.derived = derived;
        this.changes = changes;
        this.jobs = jobs;
        this.contentCheck = contentCheck;
        this.audit = audit;
    }

    /** Whether all references of a path must already be in the cache. */
    public enum References {
        PRESENT,
        MAY_BE_ABSENT
    }

    /**
     * Publishes the path of a narinfo after checking it: the NAR was uploaded and has this hash and size, the content address
     * matches path and content, and all references are in the cache if required. If the path exists with the same bytes, its
     * signatures are merged. If it exists with other bytes, the push is rejected and stored as an observation.
     *
     * @param by name of the principal, as {@code Access.principal()} returns it
     * @return whether the path is new
     * @throws dev.narthex.problem.ProblemException Mismatch, Conflict, MissingReferences
     */
    public boolean publish(Cache cache, NarInfo info, String by, References references) throws IOException {
        var known = paths.find(cache.id(), info.path().hash())
                .filter(found -> found.path().equals(info.path()));
        var nar = narOf(cache, info, known, by);
        checkNar(info, nar);
        if (!isChecked(info, known)) {
            contentCheck.check(info, nar);
        }
        return QuarkusTransaction.requiringNew().call(() -> enter(cache, info, nar, by, references));
    }

    /**
     * Returns whether the content address was checked by an earlier push. A check may take longer than the client waits; the path
     * is then present when the client sends the narinfo again.
     */
    private static boolean isChecked(NarInfo info, Optional<PathFacts> known) {
        return known.filter(found -> found.narHash().equals(info.narHash())
                        && found.ca().equals(info.ca())
                        && found.references().equals(info.references()))
                .isPresent();
    }

    private Nar narOf(Cache cache, NarInfo info, Optional<PathFacts> known, String by) {
        if (known.isPresent() && known.get().narHash().equals(info.narHash())) {
            return nars.find(known.get().narId())
                    .orElseThrow(() -> notHere(info).asException());
        }
        var fileName = info.url().substring(info.url().lastIndexOf('/') + 1);
        var sent = uploads.narOf(cache.id(), fileName)
                .flatMap(nars::find)
                .orElseThrow(() -> notHere(info).asException());
        checkNar(info, sent);
        if (known.isPresent()) {
            throw otherBytes(cache, info, known.get().narHash(), by);
        }
        return sent;
    }

    private static Problem notHere(NarInfo info) {
        return new Problem.Mismatch(
                "URL", "The NAR " + info.url() + " of " + info.path() + " is not in this cache. Send it first.");
    }

    /**
     * Stores the observation that two builds of one derivation produced different bytes. It is committed although the push is
     * rejected.
     */
    private RuntimeException otherBytes(Cache cache, NarInfo info, NixHash had, String by) {
        var signer = info.sigs().isEmpty() ? "unsigned" : info.sigs().getFirst().keyName();
        QuarkusTransaction.requiringNew().run(() -> {
            if (paths.observe(cache.id(), info.path().hash(), info.narHash(), signer)) {
                changed(cache, info.path());
            }
            audit.refused(Act.in(cache, Action.PUSH, info.path().base()), by);
        });
        return otherBytes(info, had);
    }

    private static RuntimeException otherBytes(NarInfo info, NixHash had) {
        return new Problem.Conflict(
                        "Other bytes",
                        info.path() + " is in this cache with NAR hash " + had + "; what was sent has " + info.narHash()
                                + ". The first one stays. The build may not be reproducible.")
                .asException();
    }

    private static void checkNar(NarInfo info, Nar nar) {
        if (!nar.narHash().equals(info.narHash())) {
            throw new Problem.Mismatch(
                            "NarHash",
                            "The narinfo of " + info.path() + " says " + info.narHash() + ", the NAR that was sent has "
                                    + nar.narHash() + ".")
                    .asException();
        }
        if (nar.narSize() != info.narSize()) {
            throw new Problem.Mismatch(
                            "NarSize",
                            "The narinfo of " + info.path() + " says " + info.narSize() + " bytes, the NAR has "
                                    + nar.narSize() + ".")
                    .asException();
        }
    }

    private boolean enter(Cache cache, NarInfo info, Nar nar, String by, References references) {
        if (!nars.hold(nar.id())) {
            throw notHere(info).asException();
        }
        var self = info.path().base();
        var missing = paths.missing(
                cache.id(),
                info.references().stream().filter(r -> !r.equals(self)).toList());
        if (!missing.isEmpty() && references == References.PRESENT) {
            throw new Problem.MissingReferences(self, missing).asException();
        }
        var added = paths.add(
                cache.id(),
                new NewPath(
                        info.path(),
                        nar.id(),
                        nar.narSize(),
                        info.references(),
                        info.deriver().map(StorePath::parseBase),
                        info.ca(),
                        info.sigs(),
                        "pushed",
                        by));
        return switch (added) {
            case Paths.Added.New fresh -> {
                audit.done(Act.in(cache, Action.PUSH, self), by);
                recogniseLater(cache, info.path());
                changed(cache, info.path());
                Log.infof("published %s %s %d bytes", cache.name(), self, nar.narSize());
                yield true;
            }
            case Paths.Added.Same same -> {
                audit.done(Act.in(cache, Action.PUSH, self), by);
                if (same.signed()) {
                    changed(cache, info.path());
                }
                remakeDamaged(cache, info.path(), nar);
                yield false;
            }
            case Paths.Added.Other other -> throw otherBytes(info, other.had());
        };
    }

    private void changed(Cache cache, StorePath path) {
        changes.append(cache.id(), "path", Optional.empty(), Optional.empty(), Optional.of(path.hash()));
    }

    /** Remakes damaged derived files: pushing their tree again may have repaired the tree, but not the files. */
    private void remakeDamaged(Cache cache, StorePath tree, Nar nar) {
        var made = derived.madeOf(cache.id(), List.of(nar.narHash()));
        if (!made.isEmpty() && !paths.listDamaged(cache.id(), made).isEmpty()) {
            jobs.queue(Transcoding.KIND, Recognition.key(cache, tree.hash()));
        }
    }

    /** Queues recognition of the path; for a derivation also of its outputs, about which more is known now. */
    private void recogniseLater(Cache cache, StorePath path) {
        jobs.queue(Recognition.KIND, Recognition.key(cache, path.hash()));
        if (path.isDerivation()) {
            for (var output : paths.outputsOf(cache.id(), path.base())) {
                jobs.queue(Recognition.KIND, Recognition.key(cache, output.hash()));
            }
        }
    }
}
