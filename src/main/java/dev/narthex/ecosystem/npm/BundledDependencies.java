package dev.narthex.ecosystem.npm;

import dev.narthex.archive.PortableTree;
import dev.narthex.spi.Candidate;
import dev.narthex.spi.NotOfferedException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The packages in {@code node_modules} that belong in a tarball: the declared bundled dependencies and, transitively, their
 * dependencies, as {@code npm pack} collects them (npm/npm-packlist lib/index.js, {@code gatherBundles}).
 *
 * @param names as in {@code node_modules}
 */
record BundledDependencies(Set<String> names) {
    private static final String NODE_MODULES = "node_modules/";
    private static final int PACKAGE_JSON_BYTES = 1 << 20;
    private static final int MAX_PACKAGES = 5000;

    static BundledDependencies of(Candidate path, String folder, PackageJson json) throws IOException {
        var names = new TreeSet<String>();
        var open = new ArrayDeque<>(json.bundled());
        while (!open.isEmpty()) {
            var name = open.pop();
            var at = PortableTree.folder(path, folder + "/" + NODE_MODULES + name);
            if (at.isEmpty() || !names.add(name)) {
                continue;
            }
            if (names.size() > MAX_PACKAGES) {
                throw new NotOfferedException("it bundles more than " + MAX_PACKAGES + " packages");
            }
            read(path, at.get() + "/package.json")
                    .ifPresent(dependency -> open.addAll(dependency.runtimeDependencies()));
        }
        return new BundledDependencies(names);
    }

    boolean isEmpty() {
        return names.isEmpty();
    }

    /**
     * Whether a path belongs to a bundled package.
     *
     * @param file path that begins with {@code node_modules/}: a package's directory, a file in it, or a scope's directory
     */
    boolean contains(String file) {
        var parts = file.substring(NODE_MODULES.length()).split("/", 3);
        if (!parts[0].startsWith("@")) {
            return names.contains(parts[0]);
        }
        return parts.length == 1
                ? names.stream().anyMatch(name -> name.startsWith(parts[0] + "/"))
                : names.contains(parts[0] + "/" + parts[1]);
    }

    private static Optional<PackageJson> read(Candidate path, String file) throws IOException {
        try (var in = path.open(file)) {
            return PackageJson.read(in.readNBytes(PACKAGE_JSON_BYTES + 1));
        } catch (FileNotFoundException e) {
            return Optional.empty();
        }
    }
}
