package dev.narthex.publish.recognize;

import dev.narthex.access.Access;
import dev.narthex.catalog.path.PathInfo;
import dev.narthex.catalog.path.Paths;
import dev.narthex.catalog.release.DerivedFile;
import dev.narthex.catalog.release.DerivedFileRepository;
import dev.narthex.catalog.release.NotOfferedReasons;
import dev.narthex.catalog.release.RecognizedRelease;
import dev.narthex.catalog.release.Releases;
import dev.narthex.catalog.release.VersionSortKey;
import dev.narthex.nix.NarWriter;
import dev.narthex.problem.ProblemException;
import dev.narthex.spi.Cache;
import dev.narthex.spi.Candidate;
import dev.narthex.spi.Ecosystem;
import dev.narthex.spi.FoundArtifact;
import dev.narthex.spi.FoundRelease;
import dev.narthex.spi.JobQueue;
import dev.narthex.spi.NotOfferedException;
import dev.narthex.spi.TranscodeResult;
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
class TreeTranscoding {
    private final DerivedFileMaker derivedFileMaker;
    private final DerivedFileRepository derivedFiles;
    private final NotOfferedReasons notOfferedReasons;
    private final Releases releases;
    private final Paths paths;
    private final Access access;
    private final JobQueue jobs;

    TreeTranscoding(
            DerivedFileMaker derivedFileMaker,
            DerivedFileRepository derivedFiles,
            NotOfferedReasons notOfferedReasons,
            Releases releases,
            Paths paths,
            Access access,
            JobQueue jobs) {
        this.derivedFileMaker = derivedFileMaker;
        this.derivedFiles = derivedFiles;
        this.notOfferedReasons = notOfferedReasons;
        this.releases = releases;
        this.paths = paths;
        this.access = access;
        this.jobs = jobs;
    }

    /**
     * Returns the path that must be recognized to learn about this one: for a derived file the path of its tree, else the path
     * itself.
     */
    Optional<PathInfo> findSource(Cache cache, PathInfo path) {
        return path.origin().equals("derived")
                ? derivedFiles.source(cache.id(), path.path().hash()).flatMap(hash -> paths.find(cache.id(), hash))
                : Optional.of(path);
    }

    void transcodeTrees(Cache cache, PathInfo source, Candidate candidate, Ecosystem ecosystem, Transcoder transcoder)
            throws IOException {
        var earlierReasons = notOfferedReasons
                .of(cache.id(), source.path().hash(), ecosystem.id())
                .filter(earlier -> earlier.transcoder().equals(transcoder.transcoder()))
                .map(NotOfferedReasons.PathReasons::reasons)
                .orElse(List.of());
        var transcoding = new PathTranscoding(cache, source, ecosystem, transcoder.transcoder(), earlierReasons);
        try (var results = transcoder.transcode(candidate)) {
            for (var result : (Iterable<TranscodeResult>) results::iterator) {
                switch (result) {
                    case TranscodeResult.RefusedPackage refusal -> transcoding.refuse(refusal);
                    case TranscodeResult.OfferedFile offer -> transcoding.offer(offer);
                }
            }
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        QuarkusTransaction.requiringNew().run(transcoding::finish);
    }

    /** Returns the releases that a derived file provides. Makes no files. */
    List<RecognizedRelease> recognizeDerived(
            Cache cache, PathInfo source, Candidate candidate, Ecosystem ecosystem, PathInfo derivedPath)
            throws IOException {
        if (!(ecosystem instanceof Transcoder transcoder)) {
            return List.of();
        }
        var transcoding = new PathTranscoding(cache, source, ecosystem, transcoder.transcoder(), List.of());
        var recognized = new ArrayList<RecognizedRelease>();
        try (var results = transcoder.transcode(candidate)) {
            for (var result : (Iterable<TranscodeResult>) results::iterator) {
                if (result instanceof TranscodeResult.OfferedFile offer) {
                    transcoding.findMade(offer, derivedPath).ifPresent(recognized::add);
                }
            }
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        return recognized;
    }

    /** Transcodes one path for one ecosystem. */
    private final class PathTranscoding {
        private final Cache cache;
        private final PathInfo source;
        private final Ecosystem ecosystem;
        private final String transcoder;
        private final List<NotOfferedReasons.Reason> earlierReasons;
        private final List<NotOfferedReasons.Reason> reasons = new ArrayList<>();
        private final List<DerivedFileRepository.DerivedFileKey> offeredKeys = new ArrayList<>();

        PathTranscoding(
                Cache cache,
                PathInfo source,
                Ecosystem ecosystem,
                String transcoder,
                List<NotOfferedReasons.Reason> earlierReasons) {
            this.cache = cache;
            this.source = source;
            this.ecosystem = ecosystem;
            this.transcoder = transcoder;
            this.earlierReasons = earlierReasons;
        }

        void refuse(TranscodeResult.RefusedPackage refusal) {
            reasons.add(new NotOfferedReasons.Reason(refusal.name(), refusal.version(), refusal.reason()));
        }

        void offer(TranscodeResult.OfferedFile offer) throws IOException {
            var normalizedName = ecosystem.normalize(offer.name());
            var build = source.deriver().orElse(source.path()).hash();
            var earlier = findEarlierReason(offer);
            if (earlier.isPresent()) {
                reasons.add(earlier.get());
            } else if (!derivedFiles.hasOriginalFile(
                    cache.id(), ecosystem.id(), normalizedName, offer.version(), build)) {
                make(offer, normalizedName, build);
            }
        }

        /** Returns the earlier refusal of this file. The same transcoder would refuse the same tree again, after the same work. */
        private Optional<NotOfferedReasons.Reason> findEarlierReason(TranscodeResult.OfferedFile offer) {
            return earlierReasons.stream()
                    .filter(r -> r.name().equals(offer.name()) && r.version().equals(offer.version()))
                    .findFirst();
        }

        /** Returns the release of an offer if the given path is the file made for it earlier. */
        Optional<RecognizedRelease> findMade(TranscodeResult.OfferedFile offer, PathInfo derivedPath) {
            var key = new DerivedFileRepository.DerivedFileKey(source.narHash(), transcoder, offer.filename());
            var file = derivedFiles
                    .find(cache.id(), ecosystem.id(), key)
                    .filter(derived ->
                            derived.hashPart().equals(derivedPath.path().hash()));
            try {
                return file.isPresent()
                        ? Optional.of(toRelease(
                                offer,
                                ecosystem.normalize(offer.name()),
                                new DerivedFileMaker.MadeFile(derivedPath, file.get())))
                        : Optional.empty();
            } catch (NotOfferedException e) {
                return Optional.empty();
            }
        }

        private void make(TranscodeResult.OfferedFile offer, String normalizedName, String build) throws IOException {
            var key = new DerivedFileRepository.DerivedFileKey(source.narHash(), transcoder, offer.filename());
            try {
                var madeFile = derivedFileMaker.makeIfAbsent(
                        new DerivedFileMaker.DerivedFileRequest(cache, source, ecosystem.id(), key, build, offer));
                offeredKeys.add(key);
                if (madeFile.isPresent()) {
                    var recognized = toRelease(offer, normalizedName, madeFile.get());
                    QuarkusTransaction.requiringNew().run(() -> releases.record(cache, ecosystem.id(), recognized));
                }
            } catch (NotOfferedException e) {
                reasons.add(new NotOfferedReasons.Reason(offer.name(), offer.version(), e.reason()));
            }
        }

        private RecognizedRelease toRelease(
                TranscodeResult.OfferedFile offer, String normalizedName, DerivedFileMaker.MadeFile madeFile)
                throws NotOfferedException {
            var artifact = new FoundArtifact(
                    offer.filename(),
                    FoundArtifact.Origin.DERIVED,
                    "out",
                    "any",
                    NarWriter.FLAT_OFFSET,
                    madeFile.file().length(),
                    "");
            var principal = source.pushedBy().orElse("");
            try {
                return new RecognizedRelease(
                        new FoundRelease(
                                offer.name(), offer.version(), offer.facts(), offer.dependencies(), List.of(artifact)),
                        normalizedName,
                        VersionSortKey.of(ecosystem, offer.version()),
                        cache.automatic() && access.mayPublish(principal, cache, ecosystem.id(), normalizedName),
                        madeFile.path().toStoredPath(),
                        madeFile.file().build(),
                        List.of(madeFile.file().digests()),
                        ReleaseRecognition.VERSION,
                        principal);
            } catch (ProblemException e) {
                throw new NotOfferedException("its name or version is too long");
            }
        }

        private void queueRecognition(String hashPart) {
            jobs.queue(ReleaseRecognition.KIND, ReleaseRecognition.jobKey(cache, hashPart));
        }

        /** Removes files of earlier transcoder versions that are no longer offered, unless they are promised. */
        void finish() {
            var stale = derivedFiles.deleteOthers(cache.id(), ecosystem.id(), source.narHash(), offeredKeys);
            for (DerivedFile file : stale) {
                paths.find(cache.id(), file.hashPart())
                        .ifPresent(path -> releases.deleteStaleArtifacts(cache.id(), path.id(), Set.of())
                                .forEach(this::queueRecognition));
            }
            notOfferedReasons.put(
                    cache.id(),
                    source.path().hash(),
                    new NotOfferedReasons.PathReasons(ecosystem.id(), transcoder, reasons));
        }
    }
}
