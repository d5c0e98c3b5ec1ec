package dev.narthex.catalog.support;

import dev.narthex.catalog.cache.CacheCatalog;
import dev.narthex.catalog.cache.CacheDeletion;
import dev.narthex.catalog.cache.CacheKeyring;
import dev.narthex.catalog.cache.CacheSettingsStore;
import dev.narthex.catalog.cache.CacheStatsQuery;
import dev.narthex.catalog.change.ChangeLog;
import dev.narthex.catalog.download.DownloadStats;
import dev.narthex.catalog.path.BuildLogs;
import dev.narthex.catalog.path.Paths;
import dev.narthex.catalog.path.Realisations;
import dev.narthex.catalog.release.AttestationRepository;
import dev.narthex.catalog.release.DeclinedReleases;
import dev.narthex.catalog.release.DerivationMetaRepository;
import dev.narthex.catalog.release.EquivalentFiles;
import dev.narthex.catalog.release.PackageEditRepository;
import dev.narthex.catalog.release.Packages;
import dev.narthex.catalog.release.Promotions;
import dev.narthex.catalog.release.ReleaseBuilds;
import dev.narthex.catalog.release.ReleaseHistory;
import dev.narthex.catalog.release.Releases;
import dev.narthex.catalog.release.SameProjectQuery;
import dev.narthex.catalog.release.Stars;
import dev.narthex.catalog.release.VulnerabilityQuery;
import dev.narthex.retention.ExpiredReleases;
import dev.narthex.retention.GcRuns;
import dev.narthex.retention.PathMarker;
import dev.narthex.retention.PathSweeper;
import dev.narthex.retention.Pins;
import dev.narthex.retention.PurgePlan;
import dev.narthex.retention.WhyKept;
import dev.narthex.vault.imports.ImportPaths;
import dev.narthex.vault.imports.Imports;
import jakarta.inject.Inject;
import java.util.List;

/** The services of the catalog, whose statements QueryCountsTest counts and QueryPlansTest explains. */
abstract class CatalogServices {
    public static final List<Class<?>> BEANS = List.of(
            CacheCatalog.class,
            CacheStatsQuery.class,
            CacheKeyring.class,
            CacheSettingsStore.class,
            CacheDeletion.class,
            Paths.class,
            Packages.class,
            SameProjectQuery.class,
            VulnerabilityQuery.class,
            DownloadStats.class,
            Stars.class,
            Releases.class,
            ReleaseHistory.class,
            ReleaseBuilds.class,
            Promotions.class,
            DeclinedReleases.class,
            ChangeLog.class,
            AttestationRepository.class,
            DerivationMetaRepository.class,
            BuildLogs.class,
            Realisations.class,
            Imports.class,
            ImportPaths.class,
            EquivalentFiles.class,
            GcRuns.class,
            PathMarker.class,
            PathSweeper.class,
            ExpiredReleases.class,
            WhyKept.class,
            Pins.class,
            PurgePlan.class);

    @Inject
    CacheCatalog caches;

    @Inject
    CacheStatsQuery overviews;

    @Inject
    CacheKeyring keys;

    @Inject
    CacheSettingsStore settings;

    @Inject
    CacheDeletion deletion;

    @Inject
    Paths paths;

    @Inject
    Packages packages;

    @Inject
    SameProjectQuery links;

    @Inject
    VulnerabilityQuery vulnerable;

    @Inject
    DownloadStats downloads;

    @Inject
    Stars stars;

    @Inject
    Releases releases;

    @Inject
    ReleaseHistory dates;

    @Inject
    ReleaseBuilds builds;

    @Inject
    Promotions promotions;

    @Inject
    DeclinedReleases declines;

    @Inject
    PackageEditRepository edits;

    @Inject
    ChangeLog changes;

    @Inject
    AttestationRepository attestations;

    @Inject
    DerivationMetaRepository metas;

    @Inject
    BuildLogs logs;

    @Inject
    Realisations realisations;

    @Inject
    Imports imports;

    @Inject
    ImportPaths importPaths;

    @Inject
    EquivalentFiles sameBytes;

    @Inject
    GcRuns runs;

    @Inject
    PathMarker live;

    @Inject
    PathSweeper dead;

    @Inject
    ExpiredReleases oldReleases;

    @Inject
    WhyKept keeping;

    @Inject
    Pins pins;

    @Inject
    PurgePlan purges;

    @Inject
    CatalogFixture tables;

    @Inject
    ReleaseFixture recognized;
}
