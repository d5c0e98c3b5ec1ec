package dev.narthex.web;

import dev.narthex.problem.Problem;
import dev.narthex.spi.Cache;
import dev.narthex.web.diff.DiffPageBuilder;
import dev.narthex.web.diff.DiffTargets;
import dev.narthex.web.files.FilesPageBuilder;
import dev.narthex.web.page.PageAddress;
import dev.narthex.web.page.PageRequest;
import dev.narthex.web.page.PageResult;
import dev.narthex.web.path.PathHeaders;
import dev.narthex.web.path.PathPageBuilder;
import dev.narthex.web.path.WhyKeptPageBuilder;
import dev.narthex.web.release.DerivationPageBuilder;
import dev.narthex.web.release.PackagePageBuilder;
import dev.narthex.web.release.ProvenancePageBuilder;
import dev.narthex.web.release.ReleaseFinder;
import dev.narthex.web.release.SecurityPageBuilder;
import dev.narthex.web.release.VersionsPageBuilder;
import dev.narthex.web.search.ListingPageBuilder;
import dev.narthex.web.search.SearchPageBuilder;
import dev.narthex.web.view.Urls;
import dev.narthex.web.view.View;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.util.List;

/** Builds the view record of a URL, for both the page and its JSON twin. */
@ApplicationScoped
class PageBuilder {
    private final HomeAndCachePages global;
    private final SearchPageBuilder searches;
    private final ListingPageBuilder listings;
    private final ReleaseFinder releases;
    private final PackagePageBuilder packages;
    private final VersionsPageBuilder versions;
    private final PathHeaders heads;
    private final PathPageBuilder paths;
    private final WhyKeptPageBuilder kepts;
    private final FilesPageBuilder files;
    private final DerivationPageBuilder derivations;
    private final ProvenancePageBuilder provenances;
    private final SecurityPageBuilder securities;
    private final DiffTargets sides;
    private final DiffPageBuilder diffs;

    PageBuilder(
            HomeAndCachePages global,
            SearchPageBuilder searches,
            ListingPageBuilder listings,
            ReleaseFinder releases,
            PackagePageBuilder packages,
            VersionsPageBuilder versions,
            PathHeaders heads,
            PathPageBuilder paths,
            WhyKeptPageBuilder kepts,
            FilesPageBuilder files,
            DerivationPageBuilder derivations,
            ProvenancePageBuilder provenances,
            SecurityPageBuilder securities,
            DiffTargets sides,
            DiffPageBuilder diffs) {
        this.global = global;
        this.searches = searches;
        this.listings = listings;
        this.releases = releases;
        this.packages = packages;
        this.versions = versions;
        this.heads = heads;
        this.paths = paths;
        this.kepts = kepts;
        this.files = files;
        this.derivations = derivations;
        this.provenances = provenances;
        this.securities = securities;
        this.sides = sides;
        this.diffs = diffs;
    }

    /**
     * Builds the view of a page.
     *
     * @param readable caches that the URL names, or all that the user may see; permissions are already checked
     */
    PageResult at(PageAddress address, List<Cache> readable, PageRequest asked) throws IOException {
        return switch (address) {
            case PageAddress.Home home -> shown(global.home(readable));
            case PageAddress.Caches caches -> shown(global.caches(readable, asked));
            case PageAddress.Search search -> searches.search(readable, asked);
            case PageAddress.OneCache one -> shown(global.cache(readable.getFirst()));
            case PageAddress.Listing listing ->
                shown(listings.listing(readable.getFirst(), listing.ecosystem(), asked));
            case PageAddress.OnePackage one -> ofPackage(one, readable.getFirst(), asked);
            case PageAddress.OnePath one -> ofPath(one, readable.getFirst(), asked);
            case PageAddress.Compare compare -> new PageResult.Moved(303, sides.page(readable, asked));
            case PageAddress.TwoReleases two -> ofTwoReleases(two, readable.getFirst());
            case PageAddress.TwoPaths two ->
                shown(diffs.paths(readable.getFirst(), two.a(), readable.getLast(), two.b()));
        };
    }

    private PageResult ofPackage(PageAddress.OnePackage address, Cache cache, PageRequest asked) throws IOException {
        var canonical = releases.canonical(address);
        if (canonical.isPresent()) {
            releases.require(cache, address);
            return new PageResult.Moved(308, canonical.get());
        }
        var release = releases.require(cache, address);
        return switch (address.tab()) {
            case PageAddress.OVERVIEW -> shown(packages.overview(release));
            case "versions" -> shown(versions.versions(release));
            case "dependencies" -> shown(packages.dependencies(release));
            case "dependents" -> shown(packages.dependents(release, asked));
            case PageAddress.FILES -> files.files(release.subject(), address.file(), asked);
            case "derivation" -> shown(derivations.derivation(release.subject()));
            case PageAddress.PROVENANCE -> shown(provenances.provenance(release));
            case PageAddress.SECURITY -> shown(securities.security(release));
            default -> throw new Problem.NotFound("page", asked.path()).toException();
        };
    }

    private PageResult ofPath(PageAddress.OnePath address, Cache cache, PageRequest asked) throws IOException {
        var hash = address.hash();
        return switch (address.tab()) {
            case PageAddress.OVERVIEW -> shown(paths.overview(cache, hash));
            case "closure" -> shown(paths.closure(cache, hash, asked));
            case "referrers" -> shown(paths.referrers(cache, hash, asked));
            case PageAddress.FILES -> files.files(heads.subject(cache, hash), address.file(), asked);
            case "derivation" -> shown(derivations.derivation(heads.subject(cache, hash)));
            case "log" -> shown(paths.log(cache, hash));
            case PageAddress.KEPT -> shown(kepts.kept(cache, hash));
            default -> throw new Problem.NotFound("page", asked.path()).toException();
        };
    }

    private PageResult ofTwoReleases(PageAddress.TwoReleases two, Cache cache) {
        var first = DiffTargets.told("first", () -> releases.require(cache, two.first()));
        var second = DiffTargets.told("second", () -> releases.require(cache, two.second()));
        var name = first.head().normalised();
        return name.equals(two.name())
                ? shown(diffs.releases(first, second))
                : new PageResult.Moved(
                        308, Urls.diff(Urls.release(cache.name(), two.ecosystem(), name, two.a()), two.b()));
    }

    private static PageResult shown(View view) {
        return new PageResult.Shown(view);
    }
}
