package dev.narthex.web.view;

import com.fasterxml.jackson.annotation.JsonIgnore;

/** The content of one page. Serialized as JSON, it is the page's JSON twin. */
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
                WhyKeptView,
                LogView,
                DiffView {
    /** Returns whether the view is final for this revision. If false, a later request may show more although nothing changed. */
    @JsonIgnore
    default boolean lasting() {
        return true;
    }
}
