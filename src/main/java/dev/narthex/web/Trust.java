package dev.narthex.web;

import dev.narthex.catalog.CacheKey;
import dev.narthex.catalog.CacheKeys;
import dev.narthex.catalog.PathFacts;
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
class Trust {
    private static final int JUDGED = 32;

    private final CacheKeys keys;

    Trust(CacheKeys keys) {
        this.keys = keys;
    }

    /** Returns the names of known keys, other than the cache's own, with valid pushed signatures. */
    List<String> builders(PathFacts path) {
        return pushed(path).stream()
                .filter(s -> s.state().equals("valid") && !s.cacheKey())
                .map(PathView.Signature::key)
                .distinct()
                .toList();
    }

    /**
     * Returns the signatures pushed with paths of one cache, by hash part. Those with the cache's own key name are only included
     * if they are bad.
     */
    Map<String, List<PathView.Signature>> others(List<PathFacts> paths) {
        if (paths.isEmpty()) {
            return Map.of();
        }
        var known = known(paths.getFirst().cacheId());
        return paths.stream().collect(Collectors.toMap(path -> path.path().hash(), known::others));
    }

    /**
     * Returns the cache's own signatures, then the pushed ones. Pushed signatures with the cache's own key name are only included
     * if they are bad.
     */
    List<PathView.Signature> all(PathFacts path) {
        return known(path.cacheId()).all(path);
    }

    /** Returns the signatures as {@link #all} does, with the public keys that the cache knows. */
    List<ProvenanceView.Signature> keyed(PathFacts path) {
        var known = known(path.cacheId());
        var texts = known.keys.stream().collect(Collectors.toMap(PublicKey::name, PublicKey::toString, (a, _) -> a));
        return known.all(path).stream()
                .map(one -> new ProvenanceView.Signature(
                        one.key(), texts.getOrDefault(one.key(), ""), one.state(), one.cacheKey()))
                .toList();
    }

    private List<PathView.Signature> pushed(PathFacts path) {
        return path.sigs().isEmpty() ? List.of() : known(path.cacheId()).pushed(path);
    }

    private Known known(long cacheId) {
        var all = keys.list(cacheId);
        return new Known(
                all.stream().map(CacheKey::publicKey).toList(),
                all.stream()
                        .filter(key -> key.state() == CacheKey.State.SIGNING)
                        .map(key -> key.publicKey().name())
                        .toList());
    }

    /**
     * The public keys that a cache knows.
     *
     * @param own names of the keys with which the cache signs
     */
    private record Known(List<PublicKey> keys, List<String> own) {
        List<PathView.Signature> all(PathFacts path) {
            return Stream.concat(
                            own.stream().map(name -> new PathView.Signature(name, "valid", true)),
                            others(path).stream())
                    .toList();
        }

        List<PathView.Signature> others(PathFacts path) {
            return pushed(path).stream()
                    .filter(s -> !s.cacheKey() || s.state().equals("bad"))
                    .toList();
        }

        List<PathView.Signature> pushed(PathFacts path) {
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
