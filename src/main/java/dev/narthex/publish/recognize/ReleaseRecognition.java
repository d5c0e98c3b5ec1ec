package dev.narthex.publish.recognize;

import dev.narthex.access.Access;
import dev.narthex.catalog.path.PathInfo;
import dev.narthex.catalog.path.PathSummary;
import dev.narthex.catalog.path.Paths;
import dev.narthex.catalog.release.ArtifactDigests;
import dev.narthex.catalog.release.DerivationMetaRepository;
import dev.narthex.catalog.release.RecognizedRelease;
import dev.narthex.catalog.release.Releases;
import dev.narthex.catalog.release.VersionSortKey;
import dev.narthex.nix.Derivation;
import dev.narthex.nix.StorePath;
import dev.narthex.problem.ProblemException;
import dev.narthex.spi.Cache;
import dev.narthex.spi.CacheLookup;
import dev.narthex.spi.Candidate;
import dev.narthex.spi.Ecosystem;
import dev.narthex.spi.FoundRelease;
import dev.narthex.spi.JobQueue;
import dev.narthex.spi.ReleaseInfo;
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
public class ReleaseRecognition {
    public static final String KIND = "recognise";
    /** Increase it when recognizers find more than before. */
    public static final int VERSION = 4;
    /** Maximum number of paths that are checked per name prefix. */
    private static final int MAX_CANDIDATES = 100;

    private static final List<String> KINDS = List.of(KIND, TranscodingJob.KIND);

    private final CacheLookup caches;
    private final Paths paths;
    private final Releases releases;
    private final DerivationMetaRepository metas;
    private final PathReader reader;
    private final TreeTranscoding treeTranscoding;
    private final Access access;
    private final JobQueue jobs;
    private final List<Ecosystem> ecosystems;

    ReleaseRecognition(
            CacheLookup caches,
            Paths paths,
            Releases releases,
            DerivationMetaRepository metas,
            PathReader reader,
            TreeTranscoding treeTranscoding,
            Access access,
            JobQueue jobs,
            @All List<Ecosystem> ecosystems) {
        this.caches = caches;
        this.paths = paths;
        this.releases = releases;
        this.metas = metas;
        this.reader = reader;
        this.treeTranscoding = treeTranscoding;
        this.access = access;
        this.jobs = jobs;
        this.ecosystems = ecosystems;
    }

    public static String jobKey(Cache cache, String hashPart) {
        return cache.name() + "/" + hashPart;
    }

    /** Returns whether a path waits for recognition, so that packages in it are not listed yet. */
    public boolean isQueued(Cache cache, String hashPart) {
        return !jobs.findQueued(KINDS, List.of(jobKey(cache, hashPart))).isEmpty();
    }

    /**
     * Lists paths that wait for recognition and may belong to this package by their names. Two indexed queries; one if there is no
     * such path.
     */
    public List<StorePath> listQueued(Cache cache, Ecosystem ecosystem, String name) {
        var byKey = paths.findByNamePrefixes(cache.id(), ecosystem.pathNames(name), MAX_CANDIDATES).stream()
                .map(PathSummary::path)
                .collect(Collectors.toMap(path -> jobKey(cache, path.hash()), Function.identity()));
        return byKey.isEmpty()
                ? List.of()
                : jobs.findQueued(KINDS, byKey.keySet()).stream()
                        .map(byKey::get)
                        .sorted(Comparator.comparing(StorePath::name))
                        .toList();
    }

    /** Recognizes a path and transcodes its trees. */
    public void run(String key) {
        recognize(key);
        transcode(key);
    }

    /** Records what the path is. Fast, since people and clients wait for it. */
    void recognize(String key) {
        withCandidate(key, this::recordReleases);
    }

    /** Makes derived files from the trees in the path. This may take long, so it is a separate job. */
    void transcode(String key) {
        withCandidate(key, (cache, path, candidate) -> {
            for (var ecosystem : ecosystems) {
                if (ecosystem instanceof Transcoder transcoder) {
                    treeTranscoding.transcodeTrees(cache, path, candidate, ecosystem, transcoder);
                }
            }
        });
    }

    private void withCandidate(String key, CandidateAction action) {
        int slash = key.indexOf('/');
        caches.find(key.substring(0, slash))
                .ifPresent(cache -> paths.find(cache.id(), key.substring(slash + 1))
                        .flatMap(path -> treeTranscoding.findSource(cache, path))
                        .filter(path -> path.origin().equals("pushed"))
                        .ifPresent(path -> withCandidate(cache, path, action)));
    }

    private void withCandidate(Cache cache, PathInfo path, CandidateAction action) {
        try {
            action.accept(cache, path, candidate(cache, path));
        } catch (IOException e) {
            throw new UncheckedIOException("reading " + path.path(), e);
        }
    }

    private Candidate candidate(Cache cache, PathInfo path) throws IOException {
        return new PathCandidate(
                path,
                reader,
                reader.listing(path),
                findDerivation(cache, path),
                metas.find(cache.id(), path.path().hash()));
    }

    /**
     * Recognizes one release again, in a path or in a file derived from a path. Changes nothing.
     *
     * @return empty if the path is not recognized as that release, or no longer
     */
    public Optional<RecognizedRelease> recognizeAgain(
            Cache cache, Ecosystem ecosystem, ReleaseInfo release, PathInfo path) {
        var sourcePath = treeTranscoding
                .findSource(cache, path)
                .filter(source -> source.origin().equals("pushed"));
        if (sourcePath.isEmpty()) {
            return Optional.empty();
        }
        try {
            var candidate = candidate(cache, sourcePath.get());
            var recognized = path.origin().equals("pushed")
                    ? recognizeIn(cache, path, ecosystem, candidate)
                    : treeTranscoding.recognizeDerived(cache, sourcePath.get(), candidate, ecosystem, path);
            return recognized.stream()
                    .filter(candidateRelease -> candidateRelease.normalized().equals(release.normalized())
                            && candidateRelease.found().version().equals(release.version()))
                    .findFirst();
        } catch (IOException e) {
            throw new UncheckedIOException("reading " + sourcePath.get().path(), e);
        }
    }

    private interface CandidateAction {
        void accept(Cache cache, PathInfo path, Candidate candidate) throws IOException;
    }

    private void recordReleases(Cache cache, PathInfo path, Candidate candidate) throws IOException {
        var entries = new ArrayList<EcosystemRelease>();
        for (var ecosystem : ecosystems) {
            recognizeIn(cache, path, ecosystem, candidate)
                    .forEach(release -> entries.add(new EcosystemRelease(ecosystem.id(), release)));
        }
        QuarkusTransaction.requiringNew().run(() -> record(cache, path, entries));
    }

    private List<RecognizedRelease> recognizeIn(Cache cache, PathInfo path, Ecosystem ecosystem, Candidate candidate)
            throws IOException {
        var recognized = new ArrayList<RecognizedRelease>();
        try (var foundReleases = ecosystem.recognize(candidate)) {
            for (var foundRelease : foundReleases.toList()) {
                toRelease(cache, path, ecosystem, foundRelease).ifPresent(recognized::add);
            }
        }
        return recognized;
    }

    private Optional<Derivation> findDerivation(Cache cache, PathInfo path) throws IOException {
        var deriver = path.deriver()
                .flatMap(drv ->
                        paths.find(cache.id(), drv.hash()).filter(p -> p.path().equals(drv)));
        return deriver.isPresent() ? reader.findDerivation(deriver.get()) : Optional.empty();
    }

    /**
     * Returns the release to record; empty if its name or version cannot be stored. The path still has its page and may have other
     * releases.
     */
    private Optional<RecognizedRelease> toRelease(Cache cache, PathInfo path, Ecosystem ecosystem, FoundRelease release)
            throws IOException {
        var normalizedName = ecosystem.normalize(release.name());
        var principal = path.pushedBy().orElse("");
        var digests = new ArrayList<ArtifactDigests>();
        for (var artifact : release.artifacts()) {
            digests.add(reader.computeDigests(path, artifact));
        }
        try {
            return Optional.of(new RecognizedRelease(
                    release,
                    normalizedName,
                    VersionSortKey.of(ecosystem, release.version()),
                    cache.automatic() && access.mayPublish(principal, cache, ecosystem.id(), normalizedName),
                    path.toStoredPath(),
                    path.deriver().orElse(path.path()).hash(),
                    digests,
                    VERSION,
                    principal));
        } catch (ProblemException e) {
            Log.debugf("not recorded %s %s: %s", ecosystem.id(), path.path(), e.getMessage());
            return Optional.empty();
        }
    }

    private void record(Cache cache, PathInfo path, List<EcosystemRelease> entries) {
        var keptIds = new HashSet<Long>();
        for (var entry : entries) {
            keptIds.addAll(releases.record(cache, entry.ecosystem(), entry.release()));
        }
        for (var hashPart : releases.deleteStaleArtifacts(cache.id(), path.id(), keptIds)) {
            jobs.queue(KIND, jobKey(cache, hashPart));
        }
    }

    private record EcosystemRelease(String ecosystem, RecognizedRelease release) {}
}
