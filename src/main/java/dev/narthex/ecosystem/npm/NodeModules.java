package dev.narthex.ecosystem.npm;

import dev.narthex.archive.PortableTree;
import dev.narthex.nix.NarListing.Entry;
import dev.narthex.spi.Candidate;
import dev.narthex.spi.NotOfferedException;
import dev.narthex.spi.TranscodeResult;
import dev.narthex.spi.UntrustedText;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Finds the packages in {@code lib/node_modules} of a store path: each directory whose package.json has the name that its
 * location implies. Packages in a package's own {@code node_modules} are its build dependencies, not packages of this path.
 */
final class NodeModules {
    private static final String ROOT = "lib/node_modules";
    private static final int MAX_PACKAGES = 200;
    private static final String PACKAGE_JSON = "package.json";
    private static final int PACKAGE_JSON_BYTES = 1 << 20;

    private final Candidate path;

    NodeModules(Candidate path) {
        this.path = path;
    }

    /** Reads each package lazily. */
    Stream<TranscodeResult> packages() {
        var found = folders();
        if (found.size() > MAX_PACKAGES) {
            return Stream.of(new TranscodeResult.RefusedPackage(
                    ROOT,
                    "",
                    "more than " + MAX_PACKAGES + " packages in one path are a collection of packages of others"));
        }
        return found.entrySet().stream().flatMap(folder -> {
            try {
                return inspect(folder.getKey(), folder.getValue()).stream();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    /** Returns the directories of packages by the name that they must have. Links point to workspaces elsewhere in the path. */
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
        PortableTree.folder(path, ROOT + "/" + name)
                .filter(folder -> entries(folder).containsKey(PACKAGE_JSON))
                .ifPresent(folder -> found.put(name, folder));
    }

    private Optional<TranscodeResult> inspect(String name, String folder) throws IOException {
        var json = Optional.<PackageJson>empty();
        try {
            var file = PortableTree.file(path, PACKAGE_JSON, folder + "/" + PACKAGE_JSON);
            if (file.isEmpty()) {
                return Optional.empty();
            }
            var bytes = bytes(file.get());
            json = PackageJson.read(bytes);
            var manifest = json.orElseThrow(
                    () -> new NotOfferedException("its package.json is no JSON object in UTF-8 of at most 1 MiB"));
            if (!folder.equals(ROOT + "/" + name) && !manifest.text("name").equals(name)) {
                // another link to a package that is elsewhere in the path
                return Optional.empty();
            }
            return Optional.of(new InstalledPackage(path, folder, manifest, bytes).offer(name));
        } catch (NotOfferedException e) {
            var version = json.flatMap(PackageJson::version).map(NpmVersion::toString);
            return Optional.of(
                    new TranscodeResult.RefusedPackage(UntrustedText.line(name), version.orElse(""), e.reason()));
        }
    }

    private static byte[] bytes(PortableTree.File file) throws IOException {
        try (var in = file.open()) {
            return in.readNBytes(PACKAGE_JSON_BYTES + 1);
        }
    }
}
