package dev.narthex.publish.recognize;

import dev.narthex.nix.NarListing;
import dev.narthex.nix.NarListing.Entry;
import dev.narthex.problem.ProblemException;
import dev.narthex.spi.PathNames;
import dev.narthex.store.NarStore;
import io.quarkus.logging.Log;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Lists the names of commands, manual pages, desktop entries and modules in a store path. They are read from the listing that is
 * stored with the NAR; the NAR is not unpacked.
 */
@ApplicationScoped
class ListingNames implements PathNames {
    private static final int MAX_NAMES = 500;
    private static final int MAX_NAME_LENGTH = 200;
    private static final int MANUAL_SECTIONS = 9;

    private final NarStore nars;

    ListingNames(NarStore nars) {
        this.nars = nars;
    }

    @Override
    public List<String> list(long narId) {
        try {
            return namesIn(nars.getListing(narId));
        } catch (IOException | ProblemException e) {
            Log.debugf("no listing of NAR %d: %s", narId, e.getMessage());
            return List.of();
        }
    }

    static List<String> namesIn(NarListing listing) {
        var manuals = IntStream.rangeClosed(1, MANUAL_SECTIONS).mapToObj(n -> "share/man/man" + n);
        var modules = listChildren(listing, "lib")
                .filter(name -> name.startsWith("lib/python"))
                .map(name -> name + "/site-packages");
        return Stream.of(Stream.of("bin", "sbin", "share/applications", "lib/node_modules"), manuals, modules)
                .flatMap(folders -> folders)
                .flatMap(folder -> listChildren(listing, folder))
                .filter(name ->
                        name.length() <= MAX_NAME_LENGTH && !name.endsWith("-wrapped") && !name.endsWith("-info"))
                .limit(MAX_NAMES)
                .toList();
    }

    private static Stream<String> listChildren(NarListing listing, String folder) {
        return listing.find(folder)
                .filter(Entry.Directory.class::isInstance)
                .map(Entry.Directory.class::cast)
                .map(directory -> directory.entries().keySet().stream().map(name -> folder + "/" + name))
                .orElse(Stream.of());
    }
}
