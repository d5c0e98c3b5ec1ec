package dev.narthex.publish.recognize;

import dev.narthex.catalog.path.PathInfo;
import dev.narthex.catalog.path.Paths;
import dev.narthex.catalog.release.ArtifactDigests;
import dev.narthex.catalog.release.DerivedFile;
import dev.narthex.catalog.release.DerivedFileRepository;
import dev.narthex.nix.NarWriter;
import dev.narthex.spi.Cache;
import dev.narthex.spi.NotOfferedException;
import dev.narthex.spi.TranscodeResult;
import dev.narthex.store.NarStore;
import dev.narthex.store.StagedNar;
import io.quarkus.logging.Log;
import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.util.Optional;

/**
 * Makes derived files, once each, and stores them as flat fixed-output paths. A NAR begins with the length of its file, so the file
 * is made twice: first to measure it, then to store it. Files of any size need neither memory nor disk in between.
 */
@ApplicationScoped
class DerivedFileMaker {
    private static final int MAX_NAME_LENGTH = 211;

    private final NarStore nars;
    private final Paths paths;
    private final DerivedFileRepository derivedFiles;
    private final FixedOutputPaths filePaths;

    DerivedFileMaker(NarStore nars, Paths paths, DerivedFileRepository derivedFiles, FixedOutputPaths filePaths) {
        this.nars = nars;
        this.paths = paths;
        this.derivedFiles = derivedFiles;
        this.filePaths = filePaths;
    }

    record DerivedFileRequest(
            Cache cache,
            PathInfo source,
            String ecosystem,
            DerivedFileRepository.DerivedFileKey key,
            String build,
            TranscodeResult.OfferedFile offer) {}

    record MadeFile(PathInfo path, DerivedFile file) {}

    /**
     * Returns the derived file, made earlier or now.
     *
     * @return empty if the same bytes were pushed as their own path, which is recognized separately
     * @throws NotOffered if the file cannot be stored
     */
    Optional<MadeFile> makeIfAbsent(DerivedFileRequest request) throws IOException {
        var derivedFile = derivedFiles.find(request.cache().id(), request.ecosystem(), request.key());
        var path = derivedFile.flatMap(file -> paths.find(request.cache().id(), file.hashPart()));
        if (path.isPresent()) {
            return Optional.of(new MadeFile(path.get(), derivedFile.get()));
        }
        var name = storeName(request.offer().filename());
        var digests = FileDigests.of(request.offer().maker());
        var newFile = new FixedOutputPaths.NewFile(
                request.cache(),
                name,
                ArtifactDigests.of(digests::hash),
                request.offer().address(),
                "derived",
                request.source().pushedBy().orElse(""));
        var storePath = newFile.path();
        var pushedPath = paths.find(request.cache().id(), storePath.hash())
                .filter(p -> !p.origin().equals("derived"));
        if (pushedPath.isPresent()) {
            // Only the bytes of a path with a content address were checked against it; a path without one may hold
            // anything.
            if (pushedPath.get().ca().isEmpty()) {
                throw new NotOfferedException("its store path exists without a content address");
            }
            return Optional.empty();
        }
        store(request, digests, newFile);
        return paths.find(request.cache().id(), storePath.hash())
                .map(p -> new MadeFile(p, toDerivedFile(request, digests, newFile)));
    }

    private static DerivedFile toDerivedFile(
            DerivedFileRequest request, FileDigests digests, FixedOutputPaths.NewFile newFile) {
        return DerivedFile.of(
                newFile.path().hash(),
                request.source().path().hash(),
                request.build(),
                digests.length(),
                newFile.digests());
    }

    private void store(DerivedFileRequest request, FileDigests digests, FixedOutputPaths.NewFile newFile)
            throws IOException {
        try (var copy = digests.reopenVerified(request.offer().maker());
                var staged = nars.stage(
                        NarWriter.flat(digests.length(), copy), request.cache().domainId())) {
            QuarkusTransaction.requiringNew().run(() -> insertRows(request, digests, newFile, staged));
        }
        Log.infof(
                "derived %s %s of %s %d bytes",
                request.cache().name(),
                newFile.path().baseName(),
                request.source().path().baseName(),
                digests.length());
    }

    private void insertRows(
            DerivedFileRequest request, FileDigests digests, FixedOutputPaths.NewFile newFile, StagedNar staged) {
        if (filePaths.addFile(newFile, staged).first().isEmpty()) {
            throw new IllegalStateException(newFile.path() + " exists with other bytes");
        }
        derivedFiles.put(
                request.cache().id(), request.ecosystem(), request.key(), toDerivedFile(request, digests, newFile));
    }

    /** Returns the store path name; store paths allow fewer characters than package file names. */
    private static String storeName(String filename) throws NotOfferedException {
        var name = filename.replaceAll("[^0-9A-Za-z+._?=-]", "-").replaceFirst("^\\.", "-.");
        if (name.length() > MAX_NAME_LENGTH) {
            throw new NotOfferedException("the name of its file has more than " + MAX_NAME_LENGTH + " characters");
        }
        return name;
    }
}
