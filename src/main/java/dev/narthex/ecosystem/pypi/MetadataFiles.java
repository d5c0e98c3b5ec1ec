package dev.narthex.ecosystem.pypi;

import dev.narthex.nix.NixHash;
import dev.narthex.problem.ProblemException;
import dev.narthex.spi.Artifact;
import dev.narthex.spi.Registry;
import io.quarkus.logging.Log;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Reads the METADATA file of wheels, so that resolvers need not download wheels (PEP 658, PEP 714). Reads each wheel itself,
 * because the facts of a release may come from another of its files. Caches the result by the wheel's digest.
 */
@Singleton
class MetadataFiles {
    private static final int MAX_CACHED = 20_000;

    private final Map<Key, Optional<IndexedMetadata>> files = new LinkedHashMap<>(64, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, Optional<IndexedMetadata>> eldest) {
            return size() > MAX_CACHED;
        }
    };

    /**
     * The values of a wheel that index pages contain.
     *
     * @param sha256 of METADATA
     * @param requiresPython empty if there is no restriction
     */
    record IndexedMetadata(NixHash sha256, String requiresPython) {}

    private record Key(long cache, NixHash wheel) {}

    /**
     * Returns empty for files that are not wheels and for wheels whose METADATA cannot be extracted; clients then download the
     * file.
     */
    Optional<IndexedMetadata> find(Registry registry, Artifact file) {
        if (!file.filename().endsWith(".whl")) {
            return Optional.empty();
        }
        var key = new Key(registry.cache().id(), file.sha256());
        synchronized (files) {
            var before = files.get(key);
            if (before != null) {
                return before;
            }
        }
        try {
            var metadata = bytes(registry, file)
                    .map(b -> new IndexedMetadata(
                            NixHash.sha256(b),
                            DistributionReader.text(b)
                                    .map(CoreMetadata::parse)
                                    .map(CoreMetadata::requiresPython)
                                    .orElse("")));
            synchronized (files) {
                files.put(key, metadata);
            }
            return metadata;
        } catch (IOException | ProblemException e) {
            // a damaged wheel must not break the whole page
            Log.warnf("metadata of %s %s is left out: %s", registry.cache().name(), file.filename(), e);
            return Optional.empty();
        }
    }

    /** Returns METADATA exactly as it is in the wheel. */
    Optional<byte[]> bytes(Registry registry, Artifact file) throws IOException {
        return file.filename().endsWith(".whl") ? WheelMetadata.read(registry.open(file)) : Optional.empty();
    }
}
