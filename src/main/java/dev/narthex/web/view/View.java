package dev.narthex.web.view;

/** What one page shows; as JSON it is that page's twin. */
public sealed interface View
        permits HomeView,
                CachesView,
                CacheView,
                ListingView,
                SearchView,
                PackageView,
                VersionsView,
                DependenciesView,
                DependentsView,
                FilesView,
                DerivationView,
                ProvenanceView,
                SecurityView,
                PathView,
                ClosureView,
                ReferrersView,
                LogView,
                DiffView {}
