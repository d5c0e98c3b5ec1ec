package dev.narthex.publish.registry;

import dev.narthex.access.Access;
import dev.narthex.access.Action;
import dev.narthex.catalog.change.ChangeLog;
import dev.narthex.catalog.change.ChangeLogHead;
import dev.narthex.catalog.download.DownloadCounter;
import dev.narthex.catalog.download.DownloadStats;
import dev.narthex.catalog.path.Paths;
import dev.narthex.catalog.release.AttestationRepository;
import dev.narthex.catalog.release.PackageSummary;
import dev.narthex.catalog.release.Packages;
import dev.narthex.catalog.release.Releases;
import dev.narthex.catalog.release.VulnerabilityQuery;
import dev.narthex.http.Content;
import dev.narthex.publish.DamagedFiles;
import dev.narthex.publish.recognize.PathReader;
import dev.narthex.spi.Artifact;
import dev.narthex.spi.Attestation;
import dev.narthex.spi.Cache;
import dev.narthex.spi.Document;
import dev.narthex.spi.DownloadCount;
import dev.narthex.spi.PackageEdit;
import dev.narthex.spi.PackageIndex;
import dev.narthex.spi.PackageInfo;
import dev.narthex.spi.PackageWriter;
import dev.narthex.spi.Publication;
import dev.narthex.spi.PublishTarget;
import dev.narthex.spi.ReceivedFile;
import dev.narthex.spi.Registry;
import dev.narthex.spi.RegistryProvider;
import dev.narthex.spi.Signer;
import dev.narthex.spi.UploadIntake;
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
class AuthorizedRegistryProvider implements RegistryProvider {
    private static final int MAX_VULNERABLE = 10_000;

    private final Access access;
    private final Packages packages;
    private final Releases releases;
    private final VulnerabilityQuery vulnerableReleases;
    private final Paths paths;
    private final AttestationRepository attestations;
    private final DownloadStats downloadStats;
    private final DownloadCounter downloadCounter;
    private final ChangeLog changes;
    private final DocumentCache documentCache;
    private final PackageIndex packageIndex;
    private final PathReader reader;
    private final DamagedFiles damagedFiles;
    private final RegistrySigner registrySigner;
    private final UploadSpool uploadSpool;
    private final FilePublisher filePublisher;
    private final PackageEditor packageEditor;
    private final PackageStars packageStars;
    private final UploadLimits limits;
    private final UploadConfig config;
    private final String baseUrl;

    AuthorizedRegistryProvider(
            Access access,
            Packages packages,
            Releases releases,
            VulnerabilityQuery vulnerableReleases,
            Paths paths,
            AttestationRepository attestations,
            DownloadStats downloadStats,
            DownloadCounter downloadCounter,
            ChangeLog changes,
            DocumentCache documentCache,
            PackageIndex packageIndex,
            PathReader reader,
            DamagedFiles damagedFiles,
            RegistrySigner registrySigner,
            UploadSpool uploadSpool,
            FilePublisher filePublisher,
            PackageEditor packageEditor,
            PackageStars packageStars,
            UploadLimits limits,
            UploadConfig config,
            @ConfigProperty(name = "narthex.url") String baseUrl) {
        this.access = access;
        this.packages = packages;
        this.releases = releases;
        this.vulnerableReleases = vulnerableReleases;
        this.paths = paths;
        this.attestations = attestations;
        this.downloadStats = downloadStats;
        this.downloadCounter = downloadCounter;
        this.changes = changes;
        this.documentCache = documentCache;
        this.packageIndex = packageIndex;
        this.reader = reader;
        this.damagedFiles = damagedFiles;
        this.registrySigner = registrySigner;
        this.uploadSpool = uploadSpool;
        this.filePublisher = filePublisher;
        this.packageEditor = packageEditor;
        this.packageStars = packageStars;
        this.limits = limits;
        this.config = config;
        this.baseUrl = baseUrl;
    }

    @Override
    public Registry read(String cache) {
        return new CacheRegistry(access.require(Action.READ, cache), changes.requestHead());
    }

    @Override
    public UploadIntake intake(String cache) {
        return new CacheUploadIntake(access.require(Action.PUBLISH, cache));
    }

    @Override
    public PackageWriter write(String cache, WriteIntent intent, String ecosystem, String normalizedName) {
        var action = switch (intent) {
            case PUBLISH -> Action.PUBLISH;
            case MAINTAIN -> Action.MAINTAIN;
        };
        return new CachePackageWriter(
                access.require(action, cache, ecosystem, normalizedName), ecosystem, normalizedName);
    }

    @Override
    public void star(StarRequest target, Consumer<PackageInfo> check) {
        packageStars.setStarred(target, check);
    }

    private class CacheUploadIntake implements UploadIntake {
        final Cache cache;

        CacheUploadIntake(Cache cache) {
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
        public ReceivedFile receive(ReceivedFile.Source source) throws IOException {
            return filePublisher.startStaging(cache, uploadSpool.receive(source, largestFile()));
        }
    }

    private final class CachePackageWriter extends CacheUploadIntake implements PackageWriter {
        private final String ecosystem;
        private final String normalizedName;

        CachePackageWriter(Cache cache, String ecosystem, String normalizedName) {
            super(cache);
            this.ecosystem = ecosystem;
            this.normalizedName = normalizedName;
        }

        @Override
        public Registry registry() {
            return new CacheRegistry(cache, changes.requestHead());
        }

        @Override
        public boolean publish(Publication publication, ReceivedFile file, Consumer<PublishTarget> check)
                throws IOException {
            // All files received through this object are of this class.
            var stagedUpload = (StagedUpload) file;
            return filePublisher.publish(new FilePublisher.FilePublication(
                    cache, ecosystem, publication, stagedUpload, access.principal(), check));
        }

        @Override
        public void change(PackageEdit.ChangeFunction changes) {
            packageEditor.change(cache, ecosystem, normalizedName, access.principal(), changes);
        }
    }

    private final class CacheRegistry implements Registry {
        private final Cache cache;
        private final ChangeLogHead head;

        CacheRegistry(Cache cache, ChangeLogHead head) {
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
        public Optional<PackageInfo> find(String ecosystem, String normalizedName) {
            var view = packages.findPublished(cache, ecosystem, normalizedName);
            var unpromised = view.stream()
                    .flatMap(p -> p.releases().stream())
                    .flatMap(r -> r.artifacts().stream())
                    .filter(a -> !a.promised())
                    .map(Artifact::id)
                    .toList();
            if (unpromised.isEmpty()) {
                return view;
            }
            releases.promise(unpromised);
            return packages.findPublished(cache, ecosystem, normalizedName);
        }

        @Override
        public Optional<Map<String, String>> state(String ecosystem, String normalizedName) {
            return packages.state(cache.id(), ecosystem, normalizedName);
        }

        @Override
        public List<PackageName> names(String ecosystem, String after, int limit) {
            return packages.names(cache.id(), ecosystem, after, limit);
        }

        @Override
        public SearchHits search(String ecosystem, String text, int from, int size) {
            if (from > LAST_HIT) {
                return new SearchHits(List.of(), 0);
            }
            var names = packageIndex
                    .names(cache.id(), ecosystem, text, from, size)
                    .orElseGet(() -> searchByName(ecosystem, text, from, size));
            return new SearchHits(packages.defaultReleases(cache, ecosystem, names.normalized()), names.total());
        }

        /** The catalog only returns whole pages, so the hits before {@code from} are read too. */
        private PackageIndex.NameMatches searchByName(String ecosystem, String text, int from, int size) {
            var page = packages.search(List.of(cache.id()), Optional.of(ecosystem), text, 1, from + size);
            var names = page.items().stream()
                    .skip(from)
                    .map(PackageSummary::normalized)
                    .toList();
            return new PackageIndex.NameMatches(names, page.total());
        }

        @Override
        public List<String> dependents(String ecosystem, String normalizedName, int limit) {
            return packages.someDependents(cache.id(), ecosystem, normalizedName, limit);
        }

        @Override
        public Optional<Artifact> file(String ecosystem, String normalizedName, String filename) {
            return packages.file(cache.id(), ecosystem, normalizedName, filename);
        }

        @Override
        public Content open(Artifact artifact) throws IOException {
            var path = paths.find(cache.id(), artifact.path().hash())
                    .orElseThrow(
                            () -> damagedFiles.problemFor(cache.id(), artifact).toException());
            return reader.nar(path).slice(artifact.offset(), artifact.length());
        }

        @Override
        public List<Attestation> attestations(Artifact artifact) {
            return attestations.of(cache.id(), artifact.id());
        }

        @Override
        public Document document(String ecosystem, String normalizedName, String form, Supplier<byte[]> factory) {
            var key = new DocumentCache.DocumentKey(
                    new DocumentCache.DocumentSubject(cache.id(), ecosystem, normalizedName), form);
            var document = documentCache.get(head, key, () -> Document.of(form, factory.get()));
            if (cache.open()) {
                ResponseCache.remember(head, key, document);
            }
            return document;
        }

        @Override
        public List<VulnerableVersion> vulnerable(String ecosystem) {
            return vulnerableReleases.releases(cache.id(), ecosystem, MAX_VULNERABLE);
        }

        @Override
        public void downloaded(Artifact artifact) {
            downloadCounter.file(artifact.id());
        }

        @Override
        public Map<String, DownloadCount> downloads(String ecosystem, Collection<String> normalizedName) {
            return downloadStats.recent(cache.id(), ecosystem, normalizedName);
        }

        @Override
        public List<String> stars(String ecosystem, String normalizedName) {
            return packageStars.listStargazers(cache, ecosystem, normalizedName);
        }

        @Override
        public List<String> starredBy(String ecosystem, String personName) {
            return packageStars.listStarredPackages(cache, ecosystem, personName);
        }

        @Override
        public Signer signer(String ecosystem) {
            return registrySigner.signerFor(cache.id(), ecosystem);
        }

        @Override
        public String revision() {
            return head.revision();
        }
    }
}
