package dev.narthex.ecosystem.npm;

import dev.narthex.spi.AvailableVersions;
import dev.narthex.spi.Dependency;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Chooses a version like npm (npm/npm-pick-manifest lib/index.js), but ignores {@code engines}, which depend on the user's
 * system: the version tagged latest if it matches and is not deprecated, otherwise the highest matching version, preferring those
 * that are not deprecated.
 *
 * @param offered newest first
 */
record PickManifest(List<VersionCandidate> offered) {
    private static final String ALIAS = "npm:";

    record VersionCandidate(AvailableVersions.Version version, NpmVersion number) {}

    static PickManifest of(List<AvailableVersions.Version> versions) {
        return new PickManifest(versions.stream()
                .flatMap(v -> NpmVersion.parse(v.version()).map(number -> new VersionCandidate(v, number)).stream())
                .toList());
    }

    /** Returns the range in a manifest's dependency, without the target name of an alias. */
    static String spec(Dependency dependency) {
        var text = dependency.range().strip();
        if (!text.startsWith(ALIAS)) {
            return text;
        }
        int at = text.indexOf('@', ALIAS.length() + 1);
        return at < 0 ? "" : text.substring(at + 1);
    }

    static boolean satisfies(String spec, NpmVersion version) {
        return NpmRange.parse(spec).filter(range -> range.contains(version)).isPresent();
    }

    Optional<VersionCandidate> choose(String spec) {
        var range = NpmRange.parse(spec);
        if (range.isEmpty()) {
            return findByTag(spec);
        }
        var latest = findByTag(DistTag.LATEST)
                .filter(v -> !v.version().withdrawn())
                .filter(v -> range.get().equals(NpmRange.ANY) || range.get().contains(v.number()));
        return latest.or(() -> offered.stream()
                .filter(v -> range.get().contains(v.number()))
                .min(Comparator.comparing(v -> v.version().withdrawn())));
    }

    private Optional<VersionCandidate> findByTag(String tag) {
        return offered.stream()
                .filter(v -> v.version().tags().contains(tag))
                .findFirst()
                .or(() -> tag.equals(DistTag.LATEST) ? newest() : Optional.empty());
    }

    private Optional<VersionCandidate> newest() {
        return offered.stream()
                .filter(v -> v.number().prerelease().isEmpty())
                .findFirst()
                .or(() -> offered.stream().findFirst());
    }
}
