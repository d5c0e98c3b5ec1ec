package dev.narthex.publish;

import dev.narthex.catalog.DerivedFile;
import dev.narthex.catalog.DerivedFiles;
import dev.narthex.catalog.Digests;
import dev.narthex.catalog.PathFacts;
import dev.narthex.catalog.Paths;
import dev.narthex.nix.NarWriter;
import dev.narthex.spi.Cache;
import dev.narthex.spi.NotOffered;
import dev.narthex.spi.Transcoded;
import dev.narthex.store.Nars;
import dev.narthex.store.Staged;
import io.quarkus.logging.Log;
import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.util.Optional;

/**
 * Makes derived files, once each, and stores them as flat fixed-output paths. A NAR begins with the length of its file, so the file
 * is made twice: first to measure it, then to store it. Files of any size need neither memory nor disk in between.
 */
@ApplicationScoped
class Making {
    private static final int NAME_LIMIT = 211;

    private final Nars nars;
    private final Paths paths;
    private final DerivedFiles files;
    private final FilePaths filePaths;

    Making(Nars nars, Paths paths, DerivedFiles files, FilePaths filePaths) {
        this.nars = nars;
        this.paths = paths;
        this.files = files;
        this.filePaths = filePaths;
    }

    record Order(
            Cache cache,
            PathFacts source,
            String ecosystem,
            DerivedFiles.Key key,
            String build,
            Transcoded.Offer offer) {}

    record Made(PathFacts path, DerivedFile file) {}

    /**
     * Returns the derived file, made earlier or now.
     *
     * @return empty if the same bytes were pushed as a path of their own, which is recognized separately
     * @throws NotOffered if the file cannot be stored
     */
    Optional<Made> once(Order order) throws IOException {
        var known = files.find(order.cache().id(), order.ecosystem(), order.key());
        var path = known.flatMap(file -> paths.find(order.cache().id(), file.hashPart()));
        if (path.isPresent()) {
            return Optional.of(new Made(path.get(), known.get()));
        }
        var name = storeName(order.offer().filename());
        var measured = Measured.of(order.offer().maker());
        var entry = new FilePaths.Entry(
                order.cache(),
                name,
                Digests.of(measured::hash),
                order.offer().address(),
                "derived",
                order.source().pushedBy().orElse(""));
        var keptAt = entry.path();
        var pushed = paths.find(order.cache().id(), keptAt.hash())
                .filter(p -> !p.origin().equals("derived"));
        if (pushed.isPresent()) {
            // Only the bytes of a path with a content address were checked against it; a path without one may hold
            // anything.
            if (pushed.get().ca().isEmpty()) {
                throw new NotOffered("its place in the store is taken by a path that does not say what it holds");
            }
            return Optional.empty();
        }
        keep(order, measured, entry);
        return paths.find(order.cache().id(), keptAt.hash()).map(p -> new Made(p, file(order, measured, entry)));
    }

    private static DerivedFile file(Order order, Measured measured, FilePaths.Entry entry) {
        return DerivedFile.of(
                entry.path().hash(), order.source().path().hash(), order.build(), measured.length(), entry.digests());
    }

    private void keep(Order order, Measured measured, FilePaths.Entry entry) throws IOException {
        try (var again = measured.again(order.offer().maker());
                var staged = nars.stage(
                        NarWriter.flat(measured.length(), again), order.cache().domainId())) {
            QuarkusTransaction.requiringNew().run(() -> enter(order, measured, entry, staged));
        }
        Log.infof(
                "derived %s %s of %s %d bytes",
                order.cache().name(), entry.path().base(), order.source().path().base(), measured.length());
    }

    private void enter(Order order, Measured measured, FilePaths.Entry entry, Staged staged) {
        if (filePaths.enter(entry, staged).first().isEmpty()) {
            throw new IllegalStateException(entry.path() + " is here with other bytes");
        }
        files.put(order.cache().id(), order.ecosystem(), order.key(), file(order, measured, entry));
    }

    /** Returns the store path name; store paths allow fewer characters than package file names. */
    private static String storeName(String filename) throws NotOffered {
        var name = filename.replaceAll("[^0-9A-Za-z+._?=-]", "-").replaceFirst("^\\.", "-.");
        if (name.length() > NAME_LIMIT) {
            throw new NotOffered("the name of its file has more than " + NAME_LIMIT + " characters");
        }
        return name;
    }
}
