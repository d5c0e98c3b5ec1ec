package dev.narthex.ecosystem.support;

import dev.narthex.http.Content;
import dev.narthex.problem.Problem;
import dev.narthex.spi.Artifact;
import dev.narthex.spi.Attestation;
import dev.narthex.spi.Cache;
import dev.narthex.spi.Document;
import dev.narthex.spi.DownloadCount;
import dev.narthex.spi.Ecosystem;
import dev.narthex.spi.FoundRelease;
import dev.narthex.spi.PackageInfo;
import dev.narthex.spi.PackageWriter;
import dev.narthex.spi.Registry;
import dev.narthex.spi.RegistryProvider;
import dev.narthex.spi.ReleaseInfo;
import dev.narthex.spi.Signer;
import dev.narthex.spi.UploadIntake;
import io.quarkus.arc.All;
import jakarta.enterprise.inject.Alternative;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.eclipse.microprofile.config.ConfigProvider;

/**
 * A cache in memory, to test protocol adapters in isolation: "orchard" is public and contains the packages of the test, read by
 * the real recognizers; every other name is private. Enabled by {@link InMemoryRegistriesProfile}.
 */
@Alternative
@Singleton
public class InMemoryRegistries implements RegistryProvider {
    private static final Cache ORCHARD = new Cache(1, 1, "orchard", "", true, 41, true);

    private final Map<String, NarCandidate> paths = new ConcurrentHashMap<>();
    private final List<ReleaseInfo> releases = new ArrayList<>();
    private final Map<String, Map<String, String>> states = new ConcurrentHashMap<>();
    private final Set<String> withoutReleases = ConcurrentHashMap.newKeySet();
    private final Map<List<String>, Document> documents = new ConcurrentHashMap<>();
    private final List<Ecosystem> ecosystems;
    private final AtomicInteger revision = new AtomicInteger();
    private final AtomicInteger finds = new AtomicInteger();
    private final List<String> downloaded = new CopyOnWriteArrayList<>();

    InMemoryRegistries(@All List<Ecosystem> ecosystems) {
        this.ecosystems = ecosystems;
    }

    public synchronized void put(NarCandidate path) {
        revision.incrementAndGet();
        paths.put(path.path().baseName(), path);
        for (var ecosystem : ecosystems) {
            try (var all = ecosystem.recognize(path)) {
                all.map(release -> view(ecosystem, release, path)).forEach(releases::add);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** Withdraws all releases of a package. */
    public synchronized void withdraw(String normalized, String kind, String reason) {
        revision.incrementAndGet();
        releases.replaceAll(r -> r.normalized().equals(normalized) ? ViewFixture.withdrawn(r, kind, reason) : r);
    }

    /** State that the ecosystem stores for a package. */
    public void state(String normalized, String key, String json) {
        revision.incrementAndGet();
        states.computeIfAbsent(normalized, n -> new ConcurrentHashMap<>()).put(key, json);
    }

    /** A package without released files. */
    public void announce(String normalized) {
        withoutReleases.add(normalized);
    }

    /** Names of files that clients downloaded, in order. */
    public List<String> downloaded() {
        return List.copyOf(downloaded);
    }

    /** Number of lookups of a package. */
    public int finds() {
        return finds.get();
    }

    @Override
    public Registry read(String cache) {
        if (!cache.equals(ORCHARD.name())) {
            throw Problem.unauthorized("This needs a token.");
        }
        return new Orchard();
    }

    /** Protocol adapters are tested for reading only; writes use a real cache. */
    @Override
    public UploadIntake intake(String cache) {
        throw Problem.unauthorized("This needs a token.");
    }

    @Override
    public PackageWriter write(String cache, WriteIntent intent, String ecosystem, String normalized) {
        throw Problem.unauthorized("This needs a token.");
    }

    @Override
    public void star(StarRequest request, Consumer<PackageInfo> check) {
        throw Problem.unauthorized("This needs a token.");
    }

    private static String base() {
        return ConfigProvider.getConfig().getValue("test.url", String.class).replace("localhost", "127.0.0.1");
    }

    private static ReleaseInfo view(Ecosystem ecosystem, FoundRelease release, NarCandidate path) {
        return ViewFixture.release(ecosystem, release, path);
    }

    private static ReleaseInfo shown(PackageInfo view) {
        return view.releases().stream()
                .filter(r -> !r.prerelease())
                .findFirst()
                .orElse(view.releases().getFirst());
    }

    private final class Orchard implements Registry {
        @Override
        public List<Attestation> attestations(Artifact artifact) {
            return List.of();
        }

        @Override
        public void downloaded(Artifact artifact) {
            downloaded.add(artifact.filename());
        }

        @Override
        public Map<String, DownloadCount> downloads(String ecosystem, Collection<String> normalized) {
            return Map.of();
        }

        @Override
        public Cache cache() {
            return ORCHARD;
        }

        @Override
        public String baseUrl() {
            return base();
        }

        @Override
        public Optional<PackageInfo> find(String ecosystem, String normalized) {
            finds.incrementAndGet();
            var of = ecosystems.stream()
                    .filter(e -> e.id().equals(ecosystem))
                    .findFirst()
                    .orElseThrow();
            synchronized (InMemoryRegistries.this) {
                var all = releases.stream()
                        .filter(r -> r.ecosystem().equals(ecosystem)
                                && r.normalized().equals(normalized))
                        .sorted(Comparator.<ReleaseInfo, byte[]>comparing(
                                        r -> of.versionKey(r.version()), Arrays::compareUnsigned)
                                .reversed())
                        .toList();
                return all.isEmpty()
                        ? Optional.empty()
                        : Optional.of(new PackageInfo(
                                7,
                                ORCHARD.name(),
                                ecosystem,
                                all.getFirst().name(),
                                normalized,
                                all,
                                Map.of("old", all.getLast().version()),
                                states.getOrDefault(normalized, Map.of())));
            }
        }

        @Override
        public Optional<Map<String, String>> state(String ecosystem, String normalized) {
            boolean there = withoutReleases.contains(normalized)
                    || names(ecosystem, "", Integer.MAX_VALUE).stream()
                            .anyMatch(name -> name.normalized().equals(normalized));
            return Optional.of(states.getOrDefault(normalized, Map.of())).filter(s -> there);
        }

        @Override
        public synchronized List<PackageName> names(String ecosystem, String after, int limit) {
            return releases.stream()
                    .filter(r ->
                            r.ecosystem().equals(ecosystem) && r.normalized().compareTo(after) > 0)
                    .map(r -> new PackageName(r.name(), r.normalized()))
                    .distinct()
                    .sorted(Comparator.comparing(PackageName::normalized))
                    .limit(limit)
                    .toList();
        }

        @Override
        public synchronized List<VulnerableVersion> vulnerable(String ecosystem) {
            return releases.stream()
                    .filter(r -> r.ecosystem().equals(ecosystem)
                            && !r.facts().vulnerabilities().isEmpty())
                    .map(r -> new VulnerableVersion(
                            r.name(), r.normalized(), r.version(), r.facts().vulnerabilities()))
                    .toList();
        }

        @Override
        public SearchHits search(String ecosystem, String text, int from, int size) {
            var all = names(ecosystem, "", 1000).stream()
                    .filter(name -> name.normalized().contains(text))
                    .toList();
            return new SearchHits(
                    all.stream()
                            .skip(from)
                            .limit(size)
                            .flatMap(name -> find(ecosystem, name.normalized()).stream())
                            .map(InMemoryRegistries::shown)
                            .toList(),
                    all.size());
        }

        @Override
        public synchronized List<String> dependents(String ecosystem, String normalized, int limit) {
            return releases.stream()
                    .filter(r -> r.ecosystem().equals(ecosystem)
                            && r.dependencies().stream()
                                    .anyMatch(d -> d.normalized().equals(normalized)))
                    .map(ReleaseInfo::name)
                    .distinct()
                    .sorted()
                    .limit(limit)
                    .toList();
        }

        @Override
        public Optional<Artifact> file(String ecosystem, String normalized, String filename) {
            return find(ecosystem, normalized).stream()
                    .flatMap(p -> p.releases().stream())
                    .flatMap(r -> r.artifacts().stream())
                    .filter(a -> a.filename().equals(filename))
                    .findFirst();
        }

        @Override
        public Content open(Artifact artifact) {
            return Content.of(paths.get(artifact.path().baseName()).nar()).slice(artifact.offset(), artifact.length());
        }

        @Override
        public Document document(String ecosystem, String normalized, String form, Supplier<byte[]> factory) {
            var key = List.of(ecosystem, normalized, form, revision());
            return documents.computeIfAbsent(key, k -> Document.of(form, factory.get()));
        }

        @Override
        public List<String> stars(String ecosystem, String normalized) {
            return List.of();
        }

        @Override
        public List<String> starredBy(String ecosystem, String who) {
            return List.of();
        }

        @Override
        public Signer signer(String ecosystem) {
            return ViewFixture.signer();
        }

        @Override
        public String revision() {
            return "r" + revision.get();
        }
    }
}
