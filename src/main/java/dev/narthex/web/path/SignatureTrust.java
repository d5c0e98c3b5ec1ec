package dev.narthex.web.path;

import dev.narthex.catalog.cache.CacheKey;
import dev.narthex.catalog.cache.CacheKeyring;
import dev.narthex.catalog.path.PathInfo;
import dev.narthex.nix.NarInfo;
import dev.narthex.nix.PublicKey;
import dev.narthex.nix.Signature;
import dev.narthex.web.view.PathView;
import dev.narthex.web.view.ProvenanceView;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Verifies the signatures of store paths. The cache signs every path it serves, so its own signatures do not indicate who built a
 * path. Of the signatures pushed with a path, only the first {@value #JUDGED} are considered.
 */
@ApplicationScoped
public class SignatureTrust {
    private static final int JUDGED = 32;

    private final CacheKeyring keys;

    SignatureTrust(CacheKeyring keys) {
        this.keys = keys;
    }

    /** Returns the names of known keys, other than the cache's own, with valid pushed signatures. */
    List<String> builders(PathInfo path) {
        return verify(path).stream()
                .filter(s -> s.state().equals("valid") && !s.cacheKey())
                .map(PathView.Signature::key)
                .distinct()
                .toList();
    }

    /**
     * Returns the signatures pushed with paths of one cache, by hash part. Those with the cache's own key name are only included
     * if they are bad.
     */
    public Map<String, List<PathView.Signature>> foreignSignatures(List<PathInfo> paths) {
        if (paths.isEmpty()) {
            return Map.of();
        }
        var knownKeys = known(paths.getFirst().cacheId());
        return paths.stream().collect(Collectors.toMap(path -> path.path().hash(), knownKeys::foreignSignatures));
    }

    /**
     * Returns the cache's own signatures, then the pushed ones. Pushed signatures with the cache's own key name are only included
     * if they are bad.
     */
    List<PathView.Signature> all(PathInfo path) {
        return known(path.cacheId()).all(path);
    }

    /** Returns the signatures as {@link #all} does, with the public keys that the cache knows. */
    public List<ProvenanceView.Signature> keyed(PathInfo path) {
        var knownKeys = known(path.cacheId());
        var texts =
                knownKeys.keys.stream().collect(Collectors.toMap(PublicKey::name, PublicKey::toString, (a, _) -> a));
        return knownKeys.all(path).stream()
                .map(signature -> new ProvenanceView.Signature(
                        signature.key(),
                        texts.getOrDefault(signature.key(), ""),
                        signature.state(),
                        signature.cacheKey()))
                .toList();
    }

    private List<PathView.Signature> verify(PathInfo path) {
        return path.sigs().isEmpty() ? List.of() : known(path.cacheId()).verify(path);
    }

    private KnownKeys known(long cacheId) {
        var cacheKeys = keys.list(cacheId);
        return new KnownKeys(
                cacheKeys.stream().map(CacheKey::publicKey).toList(),
                cacheKeys.stream()
                        .filter(key -> key.state() == CacheKey.State.SIGNING)
                        .map(key -> key.publicKey().name())
                        .toList());
    }

    /**
     * The public keys that a cache knows.
     *
     * @param own names of the keys with which the cache signs
     */
    private record KnownKeys(List<PublicKey> keys, List<String> own) {
        List<PathView.Signature> all(PathInfo path) {
            return Stream.concat(
                            own.stream().map(name -> new PathView.Signature(name, "valid", true)),
                            foreignSignatures(path).stream())
                    .toList();
        }

        public List<PathView.Signature> foreignSignatures(PathInfo path) {
            return verify(path).stream()
                    .filter(s -> !s.cacheKey() || s.state().equals("bad"))
                    .toList();
        }

        List<PathView.Signature> verify(PathInfo path) {
            var fingerprint = NarInfo.fingerprint(path.path(), path.narHash(), path.narSize(), path.references());
            return path.sigs().stream()
                    .limit(JUDGED)
                    .map(s -> new PathView.Signature(s.keyName(), state(fingerprint, s), own.contains(s.keyName())))
                    .toList();
        }

        private String state(String fingerprint, Signature signature) {
            var sameName = keys.stream()
                    .filter(key -> key.name().equals(signature.keyName()))
                    .toList();
            if (sameName.isEmpty()) {
                return "unknown key";
            }
            return sameName.stream().anyMatch(key -> key.verifies(fingerprint, signature)) ? "valid" : "bad";
        }
    }
}
