package dev.narthex.web;

import dev.narthex.catalog.CacheKeys;
import dev.narthex.catalog.PathFacts;
import dev.narthex.nix.NarInfo;
import dev.narthex.nix.PublicKey;
import dev.narthex.nix.Signature;
import dev.narthex.web.view.PathView;
import dev.narthex.web.view.ProvenanceView;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Judges signatures of store paths. Those of the cache itself are on every answer and say nothing of who built a path. */
@ApplicationScoped
class Trust {
    private static final int JUDGED = 32;

    private final CacheKeys keys;

    Trust(CacheKeys keys) {
        this.keys = keys;
    }

    /** Names of known keys, not the cache's own, whose pushed signatures are valid. */
    List<String> builders(PathFacts path) {
        return pushed(path).stream()
                .filter(s -> s.state().equals("valid") && !s.cacheKey())
                .map(PathView.Signature::key)
                .distinct()
                .toList();
    }

    /** The cache's own first, then those that were pushed; of those in its name only what is bad. */
    List<PathView.Signature> all(PathFacts path) {
        var all = new ArrayList<PathView.Signature>();
        keys.signing(path.cacheId()).forEach(key -> all.add(new PathView.Signature(key.name(), "valid", true)));
        pushed(path).stream()
                .filter(s -> !s.cacheKey() || s.state().equals("bad"))
                .forEach(all::add);
        return all;
    }

    /** As {@link #all}, with the keys that are known here. */
    List<ProvenanceView.Signature> keyed(PathFacts path) {
        var texts = keys.known(path.cacheId()).stream()
                .collect(Collectors.toMap(PublicKey::name, PublicKey::toString, (a, _) -> a));
        return all(path).stream()
                .map(one -> new ProvenanceView.Signature(
                        one.key(), texts.getOrDefault(one.key(), ""), one.state(), one.cacheKey()))
                .toList();
    }

    private List<PathView.Signature> pushed(PathFacts path) {
        if (path.sigs().isEmpty()) {
            return List.of();
        }
        var known = keys.known(path.cacheId());
        var own = keys.signing(path.cacheId()).stream().map(PublicKey::name).toList();
        var fingerprint = NarInfo.fingerprint(path.path(), path.narHash(), path.narSize(), path.references());
        return path.sigs().stream()
                .limit(JUDGED)
                .map(s -> new PathView.Signature(s.keyName(), state(known, fingerprint, s), own.contains(s.keyName())))
                .toList();
    }

    private static String state(List<PublicKey> known, String fingerprint, Signature signature) {
        var sameName = known.stream()
                .filter(key -> key.name().equals(signature.keyName()))
                .toList();
        if (sameName.isEmpty()) {
            return "unknown key";
        }
        return sameName.stream().anyMatch(key -> key.verifies(fingerprint, signature)) ? "valid" : "bad";
    }
}
