package dev.narthex.ecosystem.npm;

import dev.narthex.ecosystem.Tree;
import dev.narthex.nix.NarListing.Entry;
import dev.narthex.spi.Candidate;
import dev.narthex.spi.NotOffered;
import dev.narthex.spi.Transcoded;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Packages in {@code lib/node_modules} of a store path: each folder whose package.json has the name that the folder's place
 * says. What lies in a package's own {@code node_modules} is what it was built with, and is no package of this path.
 */
final class NodeModules {
    private static final String ROOT = "lib/node_modules";
    private static final int MOST_PACKAGES = 200;
    private static final int PACKAGE_JSON_BYTES = 1 << 20;

    private final Candidate path;

    NodeModules(Candidate path) {
        this.path = path;
    }

    List<Transcoded> packages() throws IOException {
        var found = folders();
        if (found.size() > MOST_PACKAGES) {
            return List.of(new Transcoded.Refusal(
                    ROOT,
                    "",
                    "more than " + MOST_PACKAGES + " packages in one path are a collection of what others made"));
        }
        var packages = new ArrayList<Transcoded>();
        for (var folder : found.entrySet()) {
            look(folder.getKey(), folder.getValue()).ifPresent(packages::add);
        }
        return packages;
    }

    /** Places of packages by the names that they must have. Links are workspaces, which lie elsewhere in the path. */
    private Map<String, String> folders() {
        var found = new LinkedHashMap<String, String>();
        for (var child : entries(ROOT).keySet()) {
            if (!child.startsWith("@")) {
                add(found, child);
                continue;
            }
            for (var scoped : entries(ROOT + "/" + child).keySet()) {
                add(found, child + "/" + scoped);
            }
        }
        return found;
    }

    private Map<String, Entry> entries(String folder) {
        return path.listing().find(folder).orElse(null) instanceof Entry.Directory directory
                ? directory.entries()
                : Map.of();
    }

    private void add(Map<String, String> found, String name) {
        Tree.folder(path, ROOT + "/" + name)
                .filter(folder -> entries(folder).get("package.json") instanceof Entry.Regular)
                .ifPresent(folder -> found.put(name, folder));
    }

    private Optional<Transcoded> look(String name, String folder) throws IOException {
        var tree = TreePackage.read(path, folder, packageJson(folder))
                .filter(p -> p.name().equals(name));
        if (tree.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(tree.get().offer());
        } catch (NotOffered e) {
            return Optional.of(new Transcoded.Refusal(name, tree.get().version(), e.reason()));
        }
    }

    private byte[] packageJson(String folder) throws IOException {
        try (var in = path.open(folder + "/package.json")) {
            return in.readNBytes(PACKAGE_JSON_BYTES + 1);
        }
    }
}
