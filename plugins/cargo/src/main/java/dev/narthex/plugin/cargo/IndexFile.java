package dev.narthex.plugin.cargo;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.narthex.spi.Artifact;
import dev.narthex.spi.PackageInfo;
import dev.narthex.spi.ReleaseInfo;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The index file of one crate: a line of JSON for each version, oldest first (the Cargo Book, "Index format").
 *
 * @param crates versions of the crate, newest first
 */
record IndexFile(List<Crate> crates) {
    /**
     * Index version for features with {@code dep:} or {@code ?/}. They are in a separate member, which cargo before 1.60 ignores.
     */
    private static final int WITH_NEW_FEATURES = 2;

    /** One version. */
    record Crate(ReleaseInfo release, Artifact file, Manifest manifest) {
        boolean yanked() {
            return release.withdrawals().containsKey(CargoEcosystem.YANKED);
        }

        String cksum() {
            return file.sha256().hex();
        }
    }

    static IndexFile of(PackageInfo view) {
        return new IndexFile(
                view.releases().stream().flatMap(r -> crate(r).stream()).toList());
    }

    /**
     * Returns the versions whose name has this index path. Versions of one crate may spell its name differently, and clients
     * request a name as it is written, in lower case.
     */
    IndexFile at(String path) {
        return new IndexFile(crates.stream()
                .filter(c -> c.manifest().name().indexPath().equals(path))
                .toList());
    }

    /** Finds the version that users want by default: the newest that is neither yanked nor a prerelease, otherwise the newest. */
    Optional<Crate> newest() {
        return crates.stream()
                .filter(c -> !c.yanked() && !c.release().prerelease())
                .findFirst()
                .or(() -> crates.stream().findFirst());
    }

    /** @param home URL of the index */
    String text(String home) {
        var lines = new StringBuilder();
        crates.reversed().forEach(crate -> lines.append(line(crate, home)).append('\n'));
        return lines.toString();
    }

    private static Optional<Crate> crate(ReleaseInfo release) {
        return release.artifacts().stream()
                .filter(Artifact::released)
                .findFirst()
                .flatMap(file -> Manifest.parse(release.facts().manifest()).map(m -> new Crate(release, file, m)));
    }

    private static ObjectNode line(Crate crate, String home) {
        var manifest = crate.manifest();
        var line = JsonNodeFactory.instance.objectNode();
        line.put("name", manifest.name().text());
        line.put("vers", manifest.version());
        var deps = line.putArray("deps");
        manifest.dependencies().forEach(d -> deps.add(d.json(home)));
        line.put("cksum", crate.cksum());
        var plain = line.putObject("features");
        var recent = JsonNodeFactory.instance.objectNode();
        manifest.features().entrySet().forEach(f -> add(isRecent(f) ? recent : plain, f));
        line.put("yanked", crate.yanked());
        line.put("links", manifest.field("links").isEmpty() ? null : manifest.field("links"));
        if (!recent.isEmpty()) {
            line.put("v", WITH_NEW_FEATURES);
            line.set("features2", recent);
        }
        if (!manifest.field("rust-version").isEmpty()) {
            line.put("rust_version", manifest.field("rust-version"));
        }
        return line;
    }

    private static boolean isRecent(Map.Entry<String, List<String>> feature) {
        return feature.getValue().stream().anyMatch(v -> v.startsWith("dep:") || v.contains("?/"));
    }

    private static void add(ObjectNode features, Map.Entry<String, List<String>> feature) {
        feature.getValue().forEach(features.putArray(feature.getKey())::add);
    }
}
