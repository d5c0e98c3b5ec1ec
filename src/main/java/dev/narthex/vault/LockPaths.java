package dev.narthex.vault;

import dev.narthex.catalog.PathLine;
import dev.narthex.catalog.Paths;
import dev.narthex.catalog.SameBytes;
import dev.narthex.catalog.SameBytes.Place;
import dev.narthex.catalog.SameBytes.Wanted;
import dev.narthex.nix.ContentAddress;
import dev.narthex.nix.ContentAddress.Fixed;
import dev.narthex.nix.StorePath;
import dev.narthex.spi.Cache;
import dev.narthex.spi.Ecosystem;
import dev.narthex.spi.LockedFile;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * Store paths of the files that a lock names. The path follows from name and hash as fetchers of nixpkgs compute it, so nothing
 * is fetched for it; whether the cache has it is asked by two statements, however long the lock is.
 */
@Singleton
class LockPaths {
    private final Paths paths;
    private final SameBytes sameBytes;
    private final String baseUrl;

    LockPaths(Paths paths, SameBytes sameBytes, @ConfigProperty(name = "narthex.url") String baseUrl) {
        this.paths = paths;
        this.sameBytes = sameBytes;
        this.baseUrl = baseUrl;
    }

    /**
     * @param path that the lock's hash makes
     * @param have whether the cache has that path
     * @param elsewhere where it has the same bytes, if it does not
     * @param url of the file: this cache's, or if the bytes are not here the lock's
     */
    record Located(LockedFile file, StorePath path, boolean have, Optional<Place> elsewhere, String url) {
        /**
         * The path to build: one that the cache has under another name, if it is named by the lock's hash too. Never one by
         * another hash: then the lock would not vouch for the bytes any more, only this server.
         */
        StorePath built() {
            var address = Optional.<ContentAddress>of(new Fixed(false, file.hash()));
            return elsewhere
                    .filter(place -> place.ca().equals(address))
                    .map(Place::path)
                    .orElse(path);
        }
    }

    /** In the order of the files. */
    List<Located> locate(Cache cache, Ecosystem ecosystem, List<LockedFile> files) {
        var byFile = files.stream().map(LockPaths::path).toList();
        var here = here(cache, byFile);
        var elsewhere = elsewhere(cache, ecosystem, files, byFile, here);
        var face = baseUrl + "/registry/" + cache.name() + "/" + ecosystem.id() + "/";
        var located = new ArrayList<Located>();
        for (int i = 0; i < files.size(); i++) {
            var file = files.get(i);
            boolean have = here.contains(byFile.get(i));
            var place = have ? Optional.<Place>empty() : Optional.ofNullable(elsewhere.get(wanted(ecosystem, file)));
            var ours = file.route().map(face::concat);
            var url =
                    have || place.isPresent() ? ours.or(file::url) : file.url().or(() -> ours);
            located.add(new Located(file, byFile.get(i), have, place, url.orElseThrow()));
        }
        return located;
    }

    private static StorePath path(LockedFile file) {
        return new Fixed(false, file.hash()).storePath(file.filename());
    }

    private Set<StorePath> here(Cache cache, List<StorePath> wanted) {
        var bases = wanted.stream().map(StorePath::base).collect(Collectors.toSet());
        return paths.lines(cache.id(), bases).stream().map(PathLine::path).collect(Collectors.toSet());
    }

    private Map<Wanted, Place> elsewhere(
            Cache cache, Ecosystem ecosystem, List<LockedFile> files, List<StorePath> byFile, Set<StorePath> here) {
        var absent = new ArrayList<Wanted>();
        for (int i = 0; i < files.size(); i++) {
            if (!here.contains(byFile.get(i))) {
                absent.add(wanted(ecosystem, files.get(i)));
            }
        }
        var once = absent.stream().distinct().toList();
        return once.isEmpty() ? Map.of() : sameBytes.find(cache.id(), ecosystem.id(), once);
    }

    private static Wanted wanted(Ecosystem ecosystem, LockedFile file) {
        return new Wanted(ecosystem.normalise(file.name()), file.version(), file.hash());
    }
}
