package dev.narthex.catalog;

import dev.narthex.nix.HashAlgorithm;
import dev.narthex.nix.Nix32;
import dev.narthex.nix.NixHash;
import dev.narthex.nix.StorePath;
import dev.narthex.spi.Cache;
import dev.narthex.spi.Dependency;
import dev.narthex.spi.Facts;
import dev.narthex.spi.Found;
import dev.narthex.spi.FoundArtifact;
import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

/** Caches with something in them. Every test makes its own, so tests do not see each other's. */
@ApplicationScoped
class Stock {
    private static final AtomicInteger MADE = new AtomicInteger();

    private final Sql sql;
    private final Caches caches;
    private final Paths paths;
    private final Releases releases;

    Stock(Sql sql, Caches caches, Paths paths, Releases releases) {
        this.sql = sql;
        this.caches = caches;
        this.paths = paths;
        this.releases = releases;
    }

    Cache cache() {
        var name = "stock-" + MADE.incrementAndGet();
        return QuarkusTransaction.requiringNew().call(() -> caches.create(name, "For tests", true, domain()));
    }

    /** Inside a transaction. */
    long domain() {
        return sql.rows("insert into dedup_domain default values returning id", Map.of())
                .getFirst()
                .number("id");
    }

    static StorePath storePath(String name) {
        var hash = NixHash.sha256(name.getBytes(StandardCharsets.UTF_8)).bytes();
        return new StorePath(Nix32.encode(Arrays.copyOf(hash, 20)), name);
    }

    /** A NAR as the store would enter it, with content of this name. */
    long nar(Cache cache, String content, long size) {
        var bytes = content.getBytes(StandardCharsets.UTF_8);
        return QuarkusTransaction.joiningExisting()
                .call(() -> sql.rows(
                                """
                        with fresh as (
                          insert into nar (domain_id, nar_hash, nar_size, kind, encoding, file_size, inline)
                          values (:domain, :hash, :size, 0, gen_random_uuid(), :size, :bytes)
                          on conflict do nothing returning id)
                        select id from fresh union all
                        select id from nar where domain_id = :domain and nar_hash = :hash""",
                                Map.of(
                                        "domain",
                                        cache.domainId(),
                                        "hash",
                                        NixHash.sha256(bytes).bytes(),
                                        "size",
                                        size,
                                        "bytes",
                                        bytes))
                        .getFirst()
                        .number("id"));
    }

    static NewPath newPath(StorePath path, long nar, long size, String... references) {
        return new NewPath(
                path, nar, size, List.of(references), Optional.empty(), Optional.empty(), List.of(), "pushed", "lena");
    }

    PathFacts path(Cache cache, String name, String... references) {
        return path(cache, name, 1000, references);
    }

    PathFacts path(Cache cache, String name, long size, String... references) {
        var path = storePath(name);
        QuarkusTransaction.requiringNew()
                .run(() -> paths.add(cache.id(), newPath(path, nar(cache, name, size), size, references)));
        return paths.find(cache.id(), path.hash()).orElseThrow();
    }

    static Facts facts(String summary) {
        return new Facts(
                summary,
                "MIT",
                "",
                "",
                List.of("Lena"),
                List.of(),
                Optional.of(new Facts.Readme("# Read me", "text/markdown")),
                "{\"name\":\"x\"}",
                List.of());
    }

    static Recorded recorded(PathFacts path, String name, String version, Dependency... dependencies) {
        return new Recording(path, name, version).with(dependencies).recorded();
    }

    /** Records a release of the npm kind; version keys are the versions' own bytes. */
    Set<Long> release(Cache cache, Recorded recorded) {
        return release(cache, "npm", recorded);
    }

    Set<Long> release(Cache cache, String ecosystem, Recorded recorded) {
        return QuarkusTransaction.requiringNew().call(() -> releases.record(cache, ecosystem, recorded));
    }

    /** A pushed path that is this release. */
    PathFacts released(Cache cache, String name, String version, Dependency... dependencies) {
        var path = path(cache, name.replaceAll("[^0-9A-Za-z+._?=-]", "-") + "-" + version);
        release(cache, recorded(path, name, version, dependencies));
        return path;
    }

    static Dependency needs(String name) {
        return new Dependency(name, name, "^1.0", "runtime");
    }

    /** What a recogniser found, said piece by piece. */
    static final class Recording {
        private final PathFacts path;
        private final String name;
        private final String version;
        private Facts facts = facts("A lantern");
        private List<Dependency> dependencies = List.of();
        private FoundArtifact.Origin origin = FoundArtifact.Origin.EXACT;
        private String filename;
        private boolean mayRelease = true;
        private int recogniser = 1;

        Recording(PathFacts path, String name, String version) {
            this.path = path;
            this.name = name;
            this.version = version;
            this.filename = name + "-" + version + ".tgz";
        }

        Recording with(Dependency... needed) {
            dependencies = List.of(needed);
            return this;
        }

        Recording with(Facts said) {
            facts = said;
            return this;
        }

        Recording from(FoundArtifact.Origin source) {
            origin = source;
            return this;
        }

        Recording named(String file) {
            filename = file;
            return this;
        }

        Recording proposed() {
            mayRelease = false;
            return this;
        }

        Recording by(int version) {
            recogniser = version;
            return this;
        }

        Recorded recorded() {
            var artifact = new FoundArtifact(filename, origin, "out", "any", 96, path.narSize() - 96, "");
            return new Recorded(
                    new Found(name, version, facts, dependencies, List.of(artifact)),
                    name.toLowerCase(Locale.ROOT),
                    version.getBytes(StandardCharsets.UTF_8),
                    version.contains("-"),
                    mayRelease,
                    path,
                    path.path().hash(),
                    List.of(new Digests(path.narHash(), Optional.empty(), Optional.empty())),
                    recogniser,
                    "lena");
        }
    }

    static NixHash hash(String content) {
        return NixHash.of(
                HashAlgorithm.SHA256,
                NixHash.sha256(content.getBytes(StandardCharsets.UTF_8)).bytes());
    }
}
