package dev.narthex.publish;

import dev.narthex.access.Access;
import dev.narthex.access.Action;
import dev.narthex.catalog.Attestations;
import dev.narthex.catalog.Changes;
import dev.narthex.catalog.DownloadCounts;
import dev.narthex.catalog.Downloads;
import dev.narthex.catalog.Head;
import dev.narthex.catalog.PackageLine;
import dev.narthex.catalog.Packages;
import dev.narthex.catalog.Paths;
import dev.narthex.catalog.Releases;
import dev.narthex.catalog.VulnerableReleases;
import dev.narthex.content.Content;
import dev.narthex.spi.Artifact;
import dev.narthex.spi.Attestation;
import dev.narthex.spi.Cache;
import dev.narthex.spi.Document;
import dev.narthex.spi.DownloadCount;
import dev.narthex.spi.Intake;
import dev.narthex.spi.PackageEdit;
import dev.narthex.spi.PackageIndex;
import dev.narthex.spi.PackageView;
import dev.narthex.spi.PackageWriter;
import dev.narthex.spi.Place;
import dev.narthex.spi.Publication;
import dev.narthex.spi.Received;
import dev.narthex.spi.Registries;
import dev.narthex.spi.Registry;
import dev.narthex.spi.Signer;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.io.InputStream;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** Gives ecosystems access to one cache at a time, after checking the rights of the request's principal. */
@ApplicationScoped
class CacheRegistries implements Registries {
    private static final int MOST_VULNERABLE = 10_000;

    private final Access access;
    private final Packages packages;
    private final Releases releases;
    private final VulnerableReleases vulnerable;
    private final Paths paths;
    private final Attestations attestations;
    private final Downloads downloads;
    private final DownloadCounts counts;
    private final Changes changes;
    private final Documents documents;
    private final PackageIndex index;
    private final PathReader reader;
    private final DamagedFiles damaged;
    private final Signatures signatures;
    private final Spool spool;
    private final Filing filing;
    private final Editing editing;
    private final Starring starring;
    private final UploadLimits limits;
    private final UploadConfig config;
    private final String baseUrl;

    CacheRegistries(
            Access access,
            Packages packages,
            Releases releases,
            VulnerableReleases vulnerable,
            Paths paths,
            Attestations attestations,
            Downloads downloads,
            DownloadCounts counts,
            Changes changes,
            Documents documents,
            PackageIndex index,
            PathReader reader,
            DamagedFiles damaged,
            Signatures signatures,
            Spool spool,
            Filing filing,
            Editing editing,
            Starring starring,
            UploadLimits limits,
            UploadConfig config,
            @ConfigProperty(name = "narthex.url") String baseUrl) {
        this.access = access;
        this.packages = packages;
        this.releases = releases;
        this.vulnerable = vulnerable;
        this.paths = paths;
        this.attestations = attestations;
        this.downloads = downloads;
        this.counts = counts;
        this.changes = changes;
        this.documents = documents;
        this.index = index;
        this.reader = reader;
        this.damaged = damaged;
        this.signatures = signatures;
        this.spool = spool;
        this.filing = filing;
        this.editing = editing;
        this.starring = starring;
        this.limits = limits;
        this.config = config;
        this.baseUrl = baseUrl;
    }

    @Override
    public Registry read(String cache) {
        return new OneCache(access.require(Action.READ, cache), changes.seen());
    }

    @Override
    public Intake intake(String cache) {
        return new OneIntake(access.require(Action.PUBLISH, cache));
    }

    @Override
    public PackageWriter write(String cache, Intent intent, String ecosystem, String normalised) {
        var action = switch (intent) {
            case PUBLISH -> Action.PUBLISH;
            case MAINTAIN -> Action.MAINTAIN;
        };
        return new OnePackage(access.require(action, cache, ecosystem, normalised), ecosystem, normalised);
    }

    @Override
    public void star(Starred of, Consumer<PackageView> check) {
        starring.star(of, check);
    }

    private class OneIntake implements Intake {
        final Cache cache;

        OneIntake(Cache cache) {
            this.cache = cache;
        }

        @Override
        public long largestFile() {
            return config.maxSize().asLongValue();
        }

        @Override
        public InputStream admit(InputStream body) {
            return limits.admit(cache, 1, body);
        }

        @Override
        public Received receive(Received.Source source) throws IOException {
            return filing.arriving(cache, spool.receive(source, largestFile()));
        }
    }

    private final class OnePackage extends OneIntake implements PackageWriter {
        private final String ecosystem;
        private final String normalised;

        OnePackage(Cache cache, String ecosystem, String normalised) {
            super(cache);
            this.ecosystem = ecosystem;
            this.normalised = normalised;
        }

        @Override
        public Registry registry() {
            return new OneCache(cache, changes.seen());
        }

        @Override
        public boolean publish(Publication publication, Received file, Consumer<Place> check) throws IOException {
            // All files received through this object are of this class.
            var arriving = (Arriving) file;
            return filing.publish(new Filing.Order(cache, ecosystem, publication, arriving, access.principal(), check));
        }

        @Override
        public void change(PackageEdit.Changes changes) {
            editing.change(cache, ecosystem, normalised, access.principal(), changes);
        }
    }

    private final class OneCache implements Registry {
        private final Cache cache;
        private final Head head;

        OneCache(Cache cache, Head head) {
            this.cache = cache;
            this.head = head;
        }

        @Override
        public Cache cache() {
            return cache;
        }

        @Override
        public String baseUrl() {
            return baseUrl;
        }

        /**
         * Promises the files that are about to be named. A concurrent reader may promise another file in between, which decides
         * which file is served, so the package is read again afterwards.
         */
        @Override
        public Optional<PackageView> find(String ecosystem, String normalised) {
            var found = packages.served(cache, ecosystem, normalised);
            var unpromised = found.stream()
                    .flatMap(p -> p.releases().stream())
                    .flatMap(r -> r.artifacts().stream())
                    .filter(a -> !a.promised())
                    .map(Artifact::id)
                    .toList();
            if (unpromised.isEmpty()) {
                return found;
            }
            releases.promise(unpromised);
            return packages.served(cache, ecosystem, normalised);
        }

        @Override
        public Optional<Map<String, String>> state(String ecosystem, String normalised) {
            return packages.state(cache.id(), ecosystem, normalised);
        }

        @Override
        public List<PackageName> names(String ecosystem, String after, int limit) {
            return packages.names(cache.id(), ecosystem, after, limit);
        }

        @Override
        public Hits search(String ecosystem, String text, int from, int size) {
            if (from > LAST_HIT) {
                return new Hits(List.of(), 0);
            }
            var names = index.names(cache.id(), ecosystem, text, from, size)
                    .orElseGet(() -> byName(ecosystem, text, from, size));
            return new Hits(packages.shown(cache, ecosystem, names.normalised()), names.total());
        }

        /** The catalog only returns whole pages, so the hits before {@code from} are read too. */
        private PackageIndex.Names byName(String ecosystem, String text, int from, int size) {
            var page = packages.search(List.of(cache.id()), Optional.of(ecosystem), text, 1, from + size);
            var names = page.items().stream()
                    .skip(from)
                    .map(PackageLine::normalised)
                    .toList();
            return new PackageIndex.Names(names, page.total());
        }

        @Override
        public List<String> dependents(String ecosystem, String normalised, int limit) {
            return packages.someDependents(cache.id(), ecosystem, normalised, limit);
        }

        @Override
        public Optional<Artifact> file(String ecosystem, String normalised, String filename) {
            return packages.file(cache.id(), ecosystem, normalised, filename);
        }

        @Override
        public Content open(Artifact artifact) throws IOException {
            var path = paths.find(cache.id(), artifact.path().hash())
                    .orElseThrow(() -> damaged.problem(cache.id(), artifact).asException());
            return reader.nar(path).slice(artifact.offset(), artifact.length());
        }

        @Override
        public List<Attestation> attestations(Artifact artifact) {
            return attestations.of(cache.id(), artifact.id());
        }

        @Override
        public Document document(String ecosystem, String normalised, String form, Supplier<byte[]> maker) {
            var key = new Documents.Key(new Documents.Subject(cache.id(), ecosystem, normalised), form);
            var document = documents.get(head, key, () -> Document.of(form, maker.get()));
            if (cache.open()) {
                SentAnswers.note(head, key, document);
            }
            return document;
        }

        @Override
        public List<Vulnerable> vulnerable(String ecosystem) {
            return vulnerable.releases(cache.id(), ecosystem, MOST_VULNERABLE);
        }

        @Override
        public void downloaded(Artifact artifact) {
            counts.file(artifact.id());
        }

        @Override
        public Map<String, DownloadCount> downloads(String ecosystem, Collection<String> normalised) {
            return downloads.recent(cache.id(), ecosystem, normalised);
        }

        @Override
        public List<String> stars(String ecosystem, String normalised) {
            return starring.of(cache, ecosystem, normalised);
        }

        @Override
        public List<String> starredBy(String ecosystem, String who) {
            return starring.by(cache, ecosystem, who);
        }

        @Override
        public Signer signer(String ecosystem) {
            return signatures.of(cache.id(), ecosystem);
        }

        @Override
        public String revision() {
            return head.revision();
        }
    }
}
