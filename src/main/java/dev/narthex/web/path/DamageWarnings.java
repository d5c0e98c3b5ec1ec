package dev.narthex.web.path;

import dev.narthex.catalog.path.PathInfo;
import dev.narthex.catalog.path.Paths;
import dev.narthex.publish.DamagedFiles;
import dev.narthex.spi.Artifact;
import dev.narthex.spi.Cache;
import dev.narthex.web.view.Damage;
import dev.narthex.web.view.Urls;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** Builds the warnings about damaged bytes, with the commands that repair them. */
@ApplicationScoped
public class DamageWarnings {
    private final Paths paths;
    private final DamagedFiles files;
    private final String baseUrl;

    DamageWarnings(Paths paths, DamagedFiles files, @ConfigProperty(name = "narthex.url") String baseUrl) {
        this.paths = paths;
        this.files = files;
        this.baseUrl = baseUrl;
    }

    public List<Damage> of(Cache cache, PathInfo path) {
        return damage(cache, path.path().name(), path).toList();
    }

    /** Returns the damaged artifacts, in the order of {@code artifacts}. */
    public List<Damage> of(Cache cache, List<Artifact> artifacts) {
        var hashes = artifacts.stream().map(a -> a.path().hash()).distinct().toList();
        var damaged = paths.listDamaged(cache.id(), hashes).stream()
                .collect(Collectors.toMap(path -> path.path().hash(), Function.identity()));
        return artifacts.stream()
                .flatMap(artifact -> Optional.ofNullable(
                                damaged.get(artifact.path().hash()))
                        .stream()
                        .flatMap(path -> damage(cache, artifact.filename(), path)))
                .toList();
    }

    private Stream<Damage> damage(Cache cache, String name, PathInfo path) {
        return path.damagedAt().stream().map(foundAt -> new Damage(name, foundAt, command(cache, path)));
    }

    /** Returns the repair command. Without --refresh, nix would skip the path because it remembers that the cache has it. */
    private String command(Cache cache, PathInfo path) {
        return "nix copy --refresh --to " + baseUrl + Urls.cache(cache.name()) + " '"
                + files.repairPath(cache.id(), path) + "'";
    }
}
