package dev.narthex.publish;

import dev.narthex.access.Access;
import dev.narthex.catalog.DerivedFile;
import dev.narthex.catalog.DerivedFiles;
import dev.narthex.catalog.PathFacts;
import dev.narthex.catalog.Paths;
import dev.narthex.catalog.Recorded;
import dev.narthex.catalog.Refusals;
import dev.narthex.catalog.Releases;
import dev.narthex.catalog.VersionOrder;
import dev.narthex.nix.NarWriter;
import dev.narthex.problem.ProblemException;
import dev.narthex.spi.Cache;
import dev.narthex.spi.Candidate;
import dev.narthex.spi.Ecosystem;
import dev.narthex.spi.Found;
import dev.narthex.spi.FoundArtifact;
import dev.narthex.spi.Jobs;
import dev.narthex.spi.NotOffered;
import dev.narthex.spi.Transcoded;
import dev.narthex.spi.Transcoder;
import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Offers the trees in a path as derived files. Each file is committed separately, so after a crash the repeated job continues where
 * it stopped.
 */
@ApplicationScoped
class Trees {
    private final Making making;
    private final DerivedFiles files;
    private final Refusals refusals;
    private final Releases releases;
    private final Paths paths;
    private final Access access;
    private final Jobs jobs;

    Trees(
            Making making,
            DerivedFiles files,
            Refusals refusals,
            Releases releases,
            Paths paths,
            Access access,
            Jobs jobs) {
        this.making = making;
        this.files = files;
        this.refusals = refusals;
        this.releases = releases;
        this.paths = paths;
        this.access = access;
        this.jobs = jobs;
    }

    /**
     * Returns the path that must be recognized to learn about this one: for a derived file the path of its tree, else the path
     * itself.
     */
    Optional<PathFacts> source(Cache cache, PathFacts path) {
        return path.origin().equals("derived")
                ? files.source(cache.id(), path.path().hash()).flatMap(hash -> paths.find(cache.id(), hash))
                : Optional.of(path);
    }

    void offer(Cache cache, PathFacts source, Candidate candidate, Ecosystem ecosystem, Transcoder transcoder)
            throws IOException {
        var before = refusals.of(cache.id(), source.path().hash(), ecosystem.id())
                .filter(known -> known.transcoder().equals(transcoder.transcoder()))
                .map(Refusals.Refused::reasons)
                .orElse(List.of());
        var job = new OnePath(cache, source, ecosystem, transcoder.transcoder(), before);
        try (var found = transcoder.transcode(candidate)) {
            for (var each : (Iterable<Transcoded>) found::iterator) {
                switch (each) {
                    case Transcoded.Refusal refusal -> job.refuse(refusal);
                    case Transcoded.Offer offer -> job.offer(offer);
                }
            }
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        QuarkusTransaction.requiringNew().run(job::finish);
    }

    /** Returns the releases that a derived file provides. Makes no files. */
    List<Recorded> again(Cache cache, PathFacts source, Candidate candidate, Ecosystem ecosystem, PathFacts made)
            throws IOException {
        if (!(ecosystem instanceof Transcoder transcoder)) {
            return List.of();
        }
        var job = new OnePath(cache, source, ecosystem, transcoder.transcoder(), List.of());
        var recorded = new ArrayList<Recorded>();
        try (var found = transcoder.transcode(candidate)) {
            for (var each : (Iterable<Transcoded>) found::iterator) {
                if (each instanceof Transcoded.Offer offer) {
                    job.made(offer, made).ifPresent(recorded::add);
                }
            }
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        return recorded;
    }

    /** Transcodes one path for one ecosystem. */
    private final class OnePath {
        private final Cache cache;
        private final PathFacts source;
        private final Ecosystem ecosystem;
        private final String transcoder;
        private final List<Refusals.Reason> before;
        private final List<Refusals.Reason> refused = new ArrayList<>();
        private final List<DerivedFiles.Key> offered = new ArrayList<>();

        OnePath(Cache cache, PathFacts source, Ecosystem ecosystem, String transcoder, List<Refusals.Reason> before) {
            this.cache = cache;
            this.source = source;
            this.ecosystem = ecosystem;
            this.transcoder = transcoder;
            this.before = before;
        }

        void refuse(Transcoded.Refusal refusal) {
            refused.add(new Refusals.Reason(refusal.name(), refusal.version(), refusal.reason()));
        }

        void offer(Transcoded.Offer offer) throws IOException {
            var normalised = ecosystem.normalise(offer.name());
            var build = source.deriver().orElse(source.path()).hash();
            var known = refusedBefore(offer);
            if (known.isPresent()) {
                refused.add(known.get());
            } else if (!files.needless(cache.id(), ecosystem.id(), normalised, offer.version(), build)) {
                make(offer, normalised, build);
            }
        }

        /** Returns the earlier refusal of this file. The same transcoder would refuse the same tree again, after the same work. */
        private Optional<Refusals.Reason> refusedBefore(Transcoded.Offer offer) {
            return before.stream()
                    .filter(r -> r.name().equals(offer.name()) && r.version().equals(offer.version()))
                    .findFirst();
        }

        /** Returns the release of an offer if the given path is the file made for it earlier. */
        Optional<Recorded> made(Transcoded.Offer offer, PathFacts before) {
            var key = new DerivedFiles.Key(source.narHash(), transcoder, offer.filename());
            var file = files.find(cache.id(), ecosystem.id(), key)
                    .filter(known -> known.hashPart().equals(before.path().hash()));
            try {
                return file.isPresent()
                        ? Optional.of(
                                recorded(offer, ecosystem.normalise(offer.name()), new Making.Made(before, file.get())))
                        : Optional.empty();
            } catch (NotOffered e) {
                return Optional.empty();
            }
        }

        private void make(Transcoded.Offer offer, String normalised, String build) throws IOException {
            var key = new DerivedFiles.Key(source.narHash(), transcoder, offer.filename());
            try {
                var made = making.once(new Making.Order(cache, source, ecosystem.id(), key, build, offer));
                offered.add(key);
                if (made.isPresent()) {
                    var recorded = recorded(offer, normalised, made.get());
                    QuarkusTransaction.requiringNew().run(() -> releases.record(cache, ecosystem.id(), recorded));
                }
            } catch (NotOffered e) {
                refused.add(new Refusals.Reason(offer.name(), offer.version(), e.reason()));
            }
        }

        private Recorded recorded(Transcoded.Offer offer, String normalised, Making.Made made) throws NotOffered {
            var artifact = new FoundArtifact(
                    offer.filename(),
                    FoundArtifact.Origin.DERIVED,
                    "out",
                    "any",
                    NarWriter.FLAT_OFFSET,
                    made.file().length(),
                    "");
            var by = source.pushedBy().orElse("");
            try {
                return new Recorded(
                        new Found(
                                offer.name(), offer.version(), offer.facts(), offer.dependencies(), List.of(artifact)),
                        normalised,
                        VersionOrder.of(ecosystem, offer.version()),
                        cache.automatic() && access.mayPublish(by, cache, ecosystem.id(), normalised),
                        made.path().entered(),
                        made.file().build(),
                        List.of(made.file().digests()),
                        Recognition.VERSION,
                        by);
            } catch (ProblemException e) {
                throw new NotOffered("its name or version is too long");
            }
        }

        private void again(String leading) {
            jobs.queue(Recognition.KIND, Recognition.key(cache, leading));
        }

        /** Removes files of earlier transcoder versions that are no longer offered, unless they are promised. */
        void finish() {
            var stale = files.forgetOthers(cache.id(), ecosystem.id(), source.narHash(), offered);
            for (DerivedFile file : stale) {
                paths.find(cache.id(), file.hashPart())
                        .ifPresent(path ->
                                releases.forget(cache.id(), path.id(), Set.of()).forEach(this::again));
            }
            refusals.put(cache.id(), source.path().hash(), new Refusals.Refused(ecosystem.id(), transcoder, refused));
        }
    }
}
