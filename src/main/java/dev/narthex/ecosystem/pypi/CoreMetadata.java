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
 * What stands in the METADATA of the wheels of a cache, so that resolvers need not load wheels (PEP 658, PEP 714). It is read
 * from each wheel itself: the facts of a release may be those of another file of it. What was read of a wheel is kept, as its
 * digest names it for ever.
 */
@Singleton
class CoreMetadata {
    private static final int MOST_KEPT = 20_000;

    private final Map<Key, Optional<Seen>> kept = new LinkedHashMap<>(64, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, Optional<Seen>> eldest) {
            return size() > MOST_KEPT;
        }
    };

    /**
     * What a page says of a wheel.
     *
     * @param sha256 of METADATA
     * @param requiresPython empty if any will do
     */
    record Seen(NixHash sha256, String requiresPython) {}

    private record Key(long cache, NixHash wheel) {}

    /** Empty for what is no wheel, or one that METADATA cannot be taken from: then clients read the file. */
    Optional<Seen> seen(Registry registry, Artifact file) {
        if (!file.filename().endsWith(".whl")) {
            return Optional.empty();
        }
        var key = new Key(registry.cache().id(), file.sha256());
        synchronized (kept) {
            var before = kept.get(key);
            if (before != null) {
                return before;
            }
        }
        try {
            var seen = bytes(registry, file)
                    .map(b -> new Seen(
                            NixHash.sha256(b),
                            Distribution.text(b)
                                    .map(Metadata::parse)
                                    .map(Metadata::requiresPython)
                                    .orElse("")));
            synchronized (kept) {
                kept.put(key, seen);
            }
            return seen;
        } catch (IOException | ProblemException e) {
            // damaged bytes of one wheel must not take the whole page away
            Log.warnf("metadata of %s %s is left out: %s", registry.cache().name(), file.filename(), e);
            return Optional.empty();
        }
    }

    /** METADATA exactly as it lies in the wheel. */
    Optional<byte[]> bytes(Registry registry, Artifact file) throws IOException {
        return file.filename().endsWith(".whl") ? WheelMetadata.read(registry.open(file)) : Optional.empty();
    }
}
