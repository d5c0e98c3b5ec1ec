package dev.narthex.ecosystem.npm;

import com.fasterxml.jackson.databind.JsonNode;
import dev.narthex.archive.PortableTree;
import dev.narthex.nix.HashAlgorithm;
import dev.narthex.nix.NarListing.Entry;
import dev.narthex.spi.Candidate;
import dev.narthex.spi.DerivationMeta;
import dev.narthex.spi.Facts;
import dev.narthex.spi.NotOfferedException;
import dev.narthex.spi.TranscodeResult;
import dev.narthex.spi.UntrustedText;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The directory of one package in a store path, to be packed. */
final class InstalledPackage {
    private static final String NODE_MODULES = "node_modules";

    /** Files that npm never packs (npm/npm-packlist lib/index.js, {@code defaults}). */
    private static final Set<String> NEVER = Set.of(".npmrc", ".git", ".svn", ".hg", "CVS", ".DS_Store");

    private final Candidate path;
    private final String folder;
    private final PackageJson json;
    private final byte[] packageJson;

    /**
     * @param manifest the package.json in the tree
     * @param bytes its bytes
     */
    InstalledPackage(Candidate path, String folder, PackageJson manifest, byte[] bytes) {
        this.path = path;
        this.folder = folder;
        this.json = manifest.published();
        this.packageJson = json.equals(manifest) ? bytes : json.text().getBytes(StandardCharsets.UTF_8);
    }

    private String version() {
        return json.version().orElseThrow().toString();
    }

    /**
     * Describes the tarball that can be made.
     *
     * @param name name that the directory's location implies
     * @throws NotOffered with the reason if none can be made
     */
    TranscodeResult.OfferedFile offer(String name) throws NotOfferedException, IOException {
        if (json.secret()) {
            throw new NotOfferedException("its package.json says \"private\": true");
        }
        if (json.name().isEmpty() || json.version().isEmpty()) {
            throw new NotOfferedException("its package.json has no name and version that npm accepts");
        }
        if (!json.name().get().toString().equals(name)) {
            throw new NotOfferedException(
                    "its package.json has another name: " + json.name().get());
        }
        var bundled = BundledDependencies.of(path, folder, json);
        var files = PortableTree.files(path, folder, file -> isIncluded(file, bundled));
        return new TranscodeResult.OfferedFile(
                name,
                version(),
                json.facts(
                                readme(),
                                path.meta().map(DerivationMeta::vulnerabilities).orElse(List.of()))
                        .withNotes(unpacked(files).notes())
                        .withInside(json.commandPaths()),
                json.dependencies(),
                json.name().orElseThrow().tarball(version()),
                HashAlgorithm.SHA512,
                new NpmPack(files, packageJson, commands()));
    }

    /** Only executable files have shebangs that the build patched; reverting one changes the file's size in the tarball. */
    private UnpackedStats unpacked(List<PortableTree.File> files) throws IOException {
        var unpacked = UnpackedStats.NOTHING;
        for (var file : files) {
            long size = file.entry().size();
            if (file.path().equals("package.json")) {
                size = packageJson.length;
            } else if (file.entry().executable()) {
                var portable = file.toPortableFile();
                portable.content().close();
                size = portable.size();
            }
            unpacked = unpacked.withFile(file.path(), size);
        }
        return unpacked;
    }

    private static boolean isIncluded(String file, BundledDependencies bundled) {
        var name = file.substring(file.lastIndexOf('/') + 1);
        if (NEVER.contains(name) || file.endsWith(NODE_MODULES + "/.bin")) {
            return false;
        }
        return file.equals(NODE_MODULES)
                ? !bundled.isEmpty()
                : !file.startsWith(NODE_MODULES + "/") || bundled.contains(file);
    }

    private Optional<Facts.Readme> readme() throws IOException {
        if (!(path.listing().find(folder).orElse(null) instanceof Entry.Directory directory)) {
            return Optional.empty();
        }
        var best = directory.entries().entrySet().stream()
                .filter(e -> e.getValue() instanceof Entry.Regular)
                .map(Map.Entry::getKey)
                .filter(name -> UntrustedText.readmeRank(name).isPresent())
                .min(Comparator.comparing(
                                (String name) -> UntrustedText.readmeRank(name).orElseThrow())
                        .thenComparing(Comparator.naturalOrder()));
        if (best.isEmpty()) {
            return Optional.empty();
        }
        try (var in = path.open(folder + "/" + best.get())) {
            return Optional.of(UntrustedText.readme(in, best.get()));
        }
    }

    /** Returns the files in {@code bin}; npm makes them executable when it packs. */
    private Set<String> commands() {
        var commands = new HashSet<String>();
        var bin = json.json().path("bin");
        (bin.isTextual() ? List.of(bin) : bin.valueStream().toList())
                .stream()
                        .filter(JsonNode::isTextual)
                        .map(JsonNode::textValue)
                        .map(InstalledPackage::normalizePath)
                        .forEach(commands::add);
        return commands;
    }

    private static String normalizePath(String relative) {
        return relative.replaceAll("/{2,}", "/").replaceFirst("^(\\./)+", "").replaceFirst("^/", "");
    }
}
