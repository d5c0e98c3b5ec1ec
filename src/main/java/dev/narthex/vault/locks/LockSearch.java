package dev.narthex.vault.locks;

import dev.narthex.catalog.release.EquivalentFiles.EquivalentFile;
import dev.narthex.catalog.release.EquivalentFiles.FileQuery;
import dev.narthex.nix.ContentAddress;
import dev.narthex.nix.ContentAddress.Fixed;
import dev.narthex.nix.HashAlgorithm;
import dev.narthex.nix.StorePath;
import dev.narthex.spi.Ecosystem;
import dev.narthex.spi.LockedFile;
import dev.narthex.spi.LockfileReader;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Matches the files of dependencies with what the cache has.
 *
 * @param ecosystem ecosystem of the lockfile; a {@link LockfileReader}
 * @param face URL below which the registry serves files
 * @param here paths computed from the lockfile that the cache has
 * @param places other paths of the cache with the same files
 */
record LockSearch(
        Ecosystem ecosystem, String face, Set<StorePath> presentPaths, Map<FileQuery, EquivalentFile> places) {
    /** Returns the path computed from the name and hash in the lockfile. */
    static Optional<StorePath> computedPath(LockedFile file) {
        return file.filename().map(address(file)::storePath);
    }

    static FileQuery toQuery(Ecosystem ecosystem, LockedFile file) {
        return new FileQuery(ecosystem.normalize(file.name()), ecosystem.versionKey(file.version()), file.hash());
    }

    /**
     * Returns the files of a dependency. Files that clients can use without a build come first; for a choice, only files that are
     * here.
     */
    List<LockedStorePath> of(ParsedLockfile.Dependency dependency) {
        return dependency.files().stream()
                .flatMap(file -> locate(file, dependency.choice()).stream())
                .sorted(Comparator.comparing(
                        path -> !reader().isUsable(path.path().name())))
                .toList();
    }

    private Optional<LockedStorePath> locate(LockedFile file, boolean choice) {
        var own = computedPath(file);
        if (own.filter(presentPaths::contains).isPresent()) {
            var name = own.get().name();
            return registryUrl(file, name)
                    .or(file::url)
                    .map(url -> new LockedStorePath(
                            choice ? name : file.key(), file, own.get(), file.hash(), true, Optional.empty(), url));
        }
        var place = Optional.ofNullable(places.get(toQuery(ecosystem, file)));
        if (place.isPresent()) {
            var url = registryUrl(file, place.get().filename()).or(file::url);
            return url.map(at -> elsewhere(file, choice, place.get(), at));
        }
        return own.filter(path -> !choice)
                .flatMap(path -> file.url()
                        .or(() -> registryUrl(file, path.name()))
                        .map(url -> new LockedStorePath(
                                file.key(), file, path, file.hash(), false, Optional.empty(), url)));
    }

    /**
     * Locates a file at another path with the same bytes. SHA-1 is too weak to vouch for a file and no path is based on it. So if
     * the lockfile has nothing better, the file of this cache with that SHA-1 is used, by its stronger hash.
     */
    private static LockedStorePath elsewhere(LockedFile file, boolean choice, EquivalentFile equivalent, String url) {
        var name = file.filename()
                .or(() -> Optional.of(equivalent.filename()).filter(StorePath::isName))
                .orElse(equivalent.path().name());
        var key = choice ? name : file.key();
        var stronger = equivalent.ca().filter(ContentAddress::isFlat).map(ContentAddress::hash);
        if (file.hash().algorithm() == HashAlgorithm.SHA1 && stronger.isPresent()) {
            return new LockedStorePath(key, file, equivalent.path(), stronger.get(), true, Optional.empty(), url);
        }
        var path = address(file).storePath(name);
        boolean have = path.equals(equivalent.path());
        return new LockedStorePath(
                key, file, path, file.hash(), have, Optional.of(equivalent).filter(other -> !have), url);
    }

    private Optional<String> registryUrl(LockedFile file, String filename) {
        return reader().route(file, filename).map(face::concat);
    }

    private LockfileReader reader() {
        return (LockfileReader) ecosystem;
    }

    private static ContentAddress address(LockedFile file) {
        return new Fixed(false, file.hash());
    }
}
