package dev.narthex.publish;

import dev.narthex.access.Access;
import dev.narthex.catalog.DerivationMetas;
import dev.narthex.catalog.Digests;
import dev.narthex.catalog.PathFacts;
import dev.narthex.catalog.PathLine;
import dev.narthex.catalog.Paths;
import dev.narthex.catalog.Recorded;
import dev.narthex.catalog.Releases;
import dev.narthex.catalog.VersionOrder;
import dev.narthex.nix.Derivation;
import dev.narthex.nix.StorePath;
import dev.narthex.problem.ProblemException;
import dev.narthex.spi.Cache;
import dev.narthex.spi.Caches;
import dev.narthex.spi.Candidate;
import dev.narthex.spi.Ecosystem;
import dev.narthex.spi.Found;
import dev.narthex.spi.Jobs;
import dev.narthex.spi.ReleaseView;
import dev.narthex.spi.Transcoder;
import io.quarkus.arc.All;
import io.quarkus.logging.Log;
import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Lets every ecosystem recognize releases in a pushed path, and records the result. Can be repeated for any path at any time: after
 * a derivation or its metadata arrived, or when the recognizers were improved.
 */
@ApplicationScoped
public class Recognition {
    static final String KIND = "recognise";
    /** Increase it when recognizers find more than before. */
    static final int VERSION = 4;
    /** Maximum number of paths that are checked per name prefix. */
    private static final int MAX_CANDIDATES = 100;

    private static final List<String> KINDS = List.of(KIND, Transcoding.KIND);

    private final Caches caches;
    private final Paths paths;
    private final Releases releases;
    private final DerivationMetas metas;
    private final PathReader reader;
    private final Trees trees;
    private final Access access;
    private final Jobs jobs;
    private final List<Ecosystem> ecosystems;

    Recognition(
            Caches caches,
            Paths paths,
            Releases releases,
            DerivationMetas metas,
            PathReader reader,
            Trees trees,
            Access access,
            Jobs jobs,
            @All List<Ecosystem> ecosystems) {
        this.caches = caches;
        this.paths = paths;
        this.releases = releases;
        this.metas = metas;
        this.reader = reader;
        this.trees = trees;
        this.access = access;
        this.jobs = jobs;
        this.ecosystems = ecosystems;
    }

    static String key(Cache cache, String hashPart) {
        return cache.name() + "/" + hashPart;
    }

    /** Returns whether a path waits for recognition, so that packages in it are not listed yet. */
    public boolean isQueued(Cache cache, String hashPart) {
        return !jobs.queued(KINDS, List.of(key(cache, hashPart))).isEmpty();
    }

    /**
     * Lists paths that wait for recognition and may belong to this package by their names. Two indexed queries; one if there is no
     * such path.
     */
    public List<StorePath> queued(Cache cache, Ecosystem ecosystem, String name) {
        var byKey = paths.withNames(cache.id(), ecosystem.pathNames(name), MAX_CANDIDATES).stream()
                .map(PathLine::path)
                .collect(Collectors.toMap(path -> key(cache, path.hash()), Function.identity()));
        return byKey.isEmpty()
                ? List.of()
                : jobs.queued(KINDS, byKey.keySet()).stream()
                        .map(byKey::get)
                        .sorted(Comparator.comparing(StorePath::name))
                        .toList();
    }

    /** Recognizes a path and transcodes its trees. */
    public void run(String key) {
        recognise(key);
        transcode(key);
    }

    /** Records what the path is. Fast, since people and clients wait for it. */
    void recognise(String key) {
        look(key, this::recordFound);
    }

    /** Makes derived files from the trees in the path. This may take long, so it is a separate job. */
    void transcode(String key) {
        look(key, (cache, path, candidate) -> {
            for (var ecosystem : ecosystems) {
                if (ecosystem instanceof Transcoder transcoder) {
                    trees.offer(cache, path, candidate, ecosystem, transcoder);
                }
            }
        });
    }

    private void look(String key, Look look) {
        int slash = key.indexOf('/');
        caches.find(key.substring(0, slash))
                .ifPresent(cache -> paths.find(cache.id(), key.substring(slash + 1))
                        .flatMap(path -> trees.source(cache, path))
                        .filter(path -> path.origin().equals("pushed"))
                        .ifPresent(path -> look(cache, path, look)));
    }

    private void look(Cache cache, PathFacts path, Look look) {
        try {
            look.at(cache, path, candidate(cache, path));
        } catch (IOException e) {
            throw new UncheckedIOException("reading " + path.path(), e);
        }
    }

    private Candidate candidate(Cache cache, PathFacts path) throws IOException {
        return new PathCandidate(
                path,
                reader,
                reader.listing(path),
                derivation(cache, path),
                metas.find(cache.id(), path.path().hash()));
    }

    /**
     * Recognizes one release again, in a path or in a file derived from a path. Changes nothing.
     *
     * @return empty if the path is not recognized as that release, or no longer
     */
    Optional<Recorded> again(Cache cache, Ecosystem ecosystem, ReleaseView of, PathFacts path) {
        var source = trees.source(cache, path).filter(found -> found.origin().equals("pushed"));
        if (source.isEmpty()) {
            return Optional.empty();
        }
        try {
            var candidate = candidate(cache, source.get());
            var all = path.origin().equals("pushed")
                    ? found(cache, path, ecosystem, candidate)
                    : trees.again(cache, source.get(), candidate, ecosystem, path);
            return all.stream()
                    .filter(each -> each.normalised().equals(of.normalised())
                            && each.found().version().equals(of.version()))
                    .findFirst();
        } catch (IOException e) {
            throw new UncheckedIOException("reading " + source.get().path(), e);
        }
    }

    private interface Look {
        void at(Cache cache, PathFacts path, Candidate candidate) throws IOException;
    }

    private void recordFound(Cache cache, PathFacts path, Candidate candidate) throws IOException {
        var recorded = new ArrayList<Entry>();
        for (var ecosystem : ecosystems) {
            found(cache, path, ecosystem, candidate).forEach(one -> recorded.add(new Entry(ecosystem.id(), one)));
        }
        QuarkusTransaction.requiringNew().run(() -> record(cache, path, recorded));
    }

    private List<Recorded> found(Cache cache, PathFacts path, Ecosystem ecosystem, Candidate candidate)
            throws IOException {
        var recorded = new ArrayList<Recorded>();
        try (var found = ecosystem.recognise(candidate)) {
            for (var each : found.toList()) {
                recorded(cache, path, ecosystem, each).ifPresent(recorded::add);
            }
        }
        return recorded;
    }

    private Optional<Derivation> derivation(Cache cache, PathFacts path) throws IOException {
        var deriver = path.deriver()
                .flatMap(drv ->
                        paths.find(cache.id(), drv.hash()).filter(p -> p.path().equals(drv)));
        return deriver.isPresent() ? reader.derivation(deriver.get()) : Optional.empty();
    }

    /**
     * Returns the release to record; empty if its name or version cannot be stored. The path still has its page and may have other
     * releases.
     */
    private Optional<Recorded> recorded(Cache cache, PathFacts path, Ecosystem ecosystem, Found found)
            throws IOException {
        var normalised = ecosystem.normalise(found.name());
        var by = path.pushedBy().orElse("");
        var digests = new ArrayList<Digests>();
        for (var artifact : found.artifacts()) {
            digests.add(reader.digests(path, artifact));
        }
        try {
            return Optional.of(new Recorded(
                    found,
                    normalised,
                    VersionOrder.of(ecosystem, found.version()),
                    cache.automatic() && access.mayPublish(by, cache, ecosystem.id(), normalised),
                    path.entered(),
                    path.deriver().orElse(path.path()).hash(),
                    digests,
                    VERSION,
                    by));
        } catch (ProblemException e) {
            Log.debugf("not recorded %s %s: %s", ecosystem.id(), path.path(), e.getMessage());
            return Optional.empty();
        }
    }

    private void record(Cache cache, PathFacts path, List<Entry> recorded) {
        var kept = new HashSet<Long>();
        for (var each : recorded) {
            kept.addAll(releases.record(cache, each.ecosystem(), each.recorded()));
        }
        for (var leading : releases.forget(cache.id(), path.id(), kept)) {
            jobs.queue(KIND, key(cache, leading));
        }
    }

    private record Entry(String ecosystem, Recorded recorded) {}
}
