package dev.narthex.vault;

import dev.narthex.catalog.SameBytes.Place;
import dev.narthex.catalog.SameBytes.Wanted;
import dev.narthex.nix.ContentAddress;
import dev.narthex.nix.ContentAddress.Fixed;
import dev.narthex.nix.HashAlgorithm;
import dev.narthex.nix.StorePath;
import dev.narthex.spi.Ecosystem;
import dev.narthex.spi.LockReader;
import dev.narthex.spi.LockedFile;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Finds the files of dependencies in what a cache is known to have.
 *
 * @param ecosystem of the lock, which reads locks
 * @param face address under which the registry serves files
 * @param here those paths that the lock names and the cache has
 * @param places where the cache has the files otherwise
 */
record LockSearch(Ecosystem ecosystem, String face, Set<StorePath> here, Map<Wanted, Place> places) {
    /** The path that the lock's hash makes of the lock's name. */
    static Optional<StorePath> own(LockedFile file) {
        return file.filename().map(address(file)::storePath);
    }

    static Wanted wanted(Ecosystem ecosystem, LockedFile file) {
        return new Wanted(ecosystem.normalise(file.name()), ecosystem.versionKey(file.version()), file.hash());
    }

    /** Those that clients use as they are come first; of a choice only files that are here. */
    List<Located> of(Lock.Dependency dependency) {
        return dependency.files().stream()
                .flatMap(file -> located(file, dependency.choice()).stream())
                .sorted(Comparator.comparing(one -> !reader().ready(one.path().name())))
                .toList();
    }

    private Optional<Located> located(LockedFile file, boolean choice) {
        var own = own(file);
        if (own.filter(here::contains).isPresent()) {
            var name = own.get().name();
            return ours(file, name)
                    .or(file::url)
                    .map(url -> new Located(
                            choice ? name : file.key(), file, own.get(), file.hash(), true, Optional.empty(), url));
        }
        var place = Optional.ofNullable(places.get(wanted(ecosystem, file)));
        if (place.isPresent()) {
            var url = ours(file, place.get().filename()).or(file::url);
            return url.map(at -> elsewhere(file, choice, place.get(), at));
        }
        return own.filter(path -> !choice)
                .flatMap(path -> file.url()
                        .or(() -> ours(file, path.name()))
                        .map(url -> new Located(file.key(), file, path, file.hash(), false, Optional.empty(), url)));
    }

    /**
     * By a SHA-1 no path is kept, and it vouches for little: a file that a lock knows by nothing better is the one that this
     * cache has under it, by its stronger name.
     */
    private static Located elsewhere(LockedFile file, boolean choice, Place place, String url) {
        var name = file.filename()
                .or(() -> Optional.of(place.filename()).filter(StorePath::isName))
                .orElse(place.path().name());
        var key = choice ? name : file.key();
        var stronger = place.ca().filter(ContentAddress::flat).map(ContentAddress::hash);
        if (file.hash().algorithm() == HashAlgorithm.SHA1 && stronger.isPresent()) {
            return new Located(key, file, place.path(), stronger.get(), true, Optional.empty(), url);
        }
        var path = address(file).storePath(name);
        boolean have = path.equals(place.path());
        return new Located(
                key, file, path, file.hash(), have, Optional.of(place).filter(other -> !have), url);
    }

    private Optional<String> ours(LockedFile file, String filename) {
        return reader().route(file, filename).map(face::concat);
    }

    private LockReader reader() {
        return (LockReader) ecosystem;
    }

    private static ContentAddress address(LockedFile file) {
        return new Fixed(false, file.hash());
    }
}
