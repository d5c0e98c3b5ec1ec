package dev.narthex.web.view;

import com.fasterxml.jackson.annotation.JsonIgnore;

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
                KeptView,
                LogView,
                DiffView {
    /** Whether this is all that can be told of it; else it may be more when it is asked again, though nothing changed. */
    @JsonIgnore
    default boolean lasting() {
        return true;
    }
}
