package dev.narthex.publish;

import dev.narthex.access.Action;
import dev.narthex.access.Audit;
import dev.narthex.access.Audit.Act;
import dev.narthex.catalog.Changes;
import dev.narthex.catalog.Digests;
import dev.narthex.catalog.NewPath;
import dev.narthex.catalog.PathFacts;
import dev.narthex.catalog.Paths;
import dev.narthex.catalog.Publications;
import dev.narthex.catalog.Recorded;
import dev.narthex.catalog.Settings;
import dev.narthex.nix.ContentAddress;
import dev.narthex.nix.HashAlgorithm;
import dev.narthex.nix.NarWriter;
import dev.narthex.nix.StorePath;
import dev.narthex.problem.Problem;
import dev.narthex.spi.Cache;
import dev.narthex.spi.Ecosystem;
import dev.narthex.spi.Found;
import dev.narthex.spi.FoundArtifact;
import dev.narthex.spi.Publication;
import dev.narthex.spi.Received;
import dev.narthex.store.Nars;
import dev.narthex.store.Staged;
import io.quarkus.arc.All;
import io.quarkus.logging.Log;
import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * Publishes files that come through a registry. Each becomes what a fetcher of nixpkgs would have made of it, a path that is
 * one file, named by its content: nix takes it without a signature, under the SHA-512 and under the SHA-256 of the file. The
 * bytes are durable first; then one transaction enters paths, release, tags and audit.
 */
@ApplicationScoped
class Filing {
    private static final int NAME_LIMIT = 211;

    private final Nars nars;
    private final Paths paths;
    private final Publications publications;
    private final Settings settings;
    private final Changes changes;
    private final Audit audit;
    private final List<Ecosystem> ecosystems;

    Filing(
            Nars nars,
            Paths paths,
            Publications publications,
            Settings settings,
            Changes changes,
            Audit audit,
            @All List<Ecosystem> ecosystems) {
        this.nars = nars;
        this.paths = paths;
        this.publications = publications;
        this.settings = settings;
        this.changes = changes;
        this.audit = audit;
        this.ecosystems = ecosystems;
    }

    /** @param by who sends it, as {@code Access.principal()} gives it */
    record Order(Cache cache, String ecosystem, Publication publication, Received file, String by) {
        Digests digests() {
            return new Digests(
                    file.hash(HashAlgorithm.SHA256),
                    Optional.of(file.hash(HashAlgorithm.SHA512)),
                    Optional.of(file.hash(HashAlgorithm.SHA1)));
        }

        ContentAddress address(HashAlgorithm algorithm) {
            return new ContentAddress.Fixed(false, file.hash(algorithm));
        }

        String base() {
            return publication.name() + "@" + publication.version();
        }
    }

    boolean publish(Order order) throws IOException {
        var name = storeName(order.publication().filename());
        long size = order.file().length();
        settings.room(order.cache().id()).require(NarWriter.flatSize(size));
        try (var file = order.file().open();
                var staged =
                        nars.stage(NarWriter.flat(size, file), order.cache().domainId())) {
            boolean fresh = QuarkusTransaction.requiringNew().call(() -> enter(order, name, staged));
            Log.infof("published %s %s %s %d bytes", order.cache().name(), order.ecosystem(), order.base(), size);
            return fresh;
        }
    }

    /** The first address is the one that the release stands on. */
    private boolean enter(Order order, String name, Staged staged) {
        long narId = staged.link();
        var first = order.publication().address();
        var second = first == HashAlgorithm.SHA512 ? HashAlgorithm.SHA256 : HashAlgorithm.SHA512;
        var path = enter(order, order.address(first), name, narId, staged.narSize());
        enter(order, order.address(second), name, narId, staged.narSize());
        boolean fresh =
                publications.publish(order.cache(), order.ecosystem(), order.publication(), recorded(order, path));
        audit.done(Act.in(order.cache(), Action.PUBLISH, order.ecosystem() + " " + order.base()), order.by());
        return fresh;
    }

    private PathFacts enter(Order order, ContentAddress address, String name, long narId, long narSize) {
        long cacheId = order.cache().id();
        var path = address.storePath(name);
        var added = paths.add(
                cacheId,
                new NewPath(
                        path,
                        narId,
                        narSize,
                        List.of(),
                        Optional.empty(),
                        Optional.of(address),
                        List.of(),
                        "published",
                        order.by()));
        return switch (added) {
            case Paths.Added.New fresh -> {
                changes.append(cacheId, "path", Optional.empty(), Optional.empty(), Optional.of(path.hash()));
                yield facts(cacheId, path);
            }
            case Paths.Added.Same same -> facts(cacheId, path);
            case Paths.Added.Other other ->
                throw new Problem.Conflict(
                                "Other bytes",
                                "The place of this file in the store, " + path + ", is taken by another one.")
                        .asException();
        };
    }

    private PathFacts facts(long cacheId, StorePath path) {
        return paths.find(cacheId, path.hash()).orElseThrow();
    }

    private Recorded recorded(Order order, PathFacts path) {
        var publication = order.publication();
        var ecosystem = ecosystems.stream()
                .filter(e -> e.id().equals(order.ecosystem()))
                .findFirst()
                .orElseThrow();
        var artifact = new FoundArtifact(
                publication.filename(),
                FoundArtifact.Origin.PUBLISHED,
                "out",
                "any",
                NarWriter.FLAT_OFFSET,
                order.file().length(),
                "");
        return new Recorded(
                new Found(
                        publication.name(),
                        publication.version(),
                        publication.facts(),
                        publication.dependencies(),
                        List.of(artifact)),
                ecosystem.normalise(publication.name()),
                ecosystem.versionKey(publication.version()),
                ecosystem.prerelease(publication.version()),
                true,
                path,
                path.path().hash(),
                List.of(order.digests()),
                Recognition.VERSION,
                order.by());
    }

    /** As nixpkgs' fetchers name it. */
    private static String storeName(String filename) {
        if (filename.length() > NAME_LIMIT || !filename.matches("[0-9A-Za-z+_?=-][0-9A-Za-z+._?=-]*")) {
            throw new Problem.Malformed(
                            "file name",
                            filename,
                            "a file of the store has a name of at most " + NAME_LIMIT
                                    + " characters out of A-Z, a-z, 0-9" + " and +._?=-.")
                    .asException();
        }
        return filename;
    }
}
