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
    private final HomeAndCachePages pages;
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
    private final DiffTargets targets;
    private final DiffPageBuilder diffs;

    PageBuilder(
            HomeAndCachePages pages,
            SearchPageBuilder searches,
            ListingPageBuilder listings,
            ReleaseFinder releases,
            PackagePageBuilder packages,
            VersionsPageBuilder versions,
            PathHeaders heads,
            PathPageBuilder paths,
            WhyKeptPageBuilder whyKept,
            FilesPageBuilder files,
            DerivationPageBuilder derivations,
            ProvenancePageBuilder provenances,
            SecurityPageBuilder securities,
            DiffTargets targets,
            DiffPageBuilder diffs) {
        this.pages = pages;
        this.searches = searches;
        this.listings = listings;
        this.releases = releases;
        this.packages = packages;
        this.versions = versions;
        this.heads = heads;
        this.paths = paths;
        this.kepts = whyKept;
        this.files = files;
        this.derivations = derivations;
        this.provenances = provenances;
        this.securities = securities;
        this.targets = targets;
        this.diffs = diffs;
    }

    /**
     * Builds the view of a page.
     *
     * @param readable caches that the URL names, or all that the user may see; permissions are already checked
     */
    PageResult build(PageAddress address, List<Cache> readable, PageRequest request) throws IOException {
        return switch (address) {
            case PageAddress.Home home -> toResult(pages.home(readable));
            case PageAddress.Caches caches -> toResult(pages.caches(readable, request));
            case PageAddress.Search search -> searches.search(readable, request);
            case PageAddress.CachePage page -> toResult(pages.cache(readable.getFirst()));
            case PageAddress.Listing listing ->
                toResult(listings.listing(readable.getFirst(), listing.ecosystem(), request));
            case PageAddress.PackagePage page -> ofPackage(page, readable.getFirst(), request);
            case PageAddress.PathPage page -> ofPath(page, readable.getFirst(), request);
            case PageAddress.Compare compare -> new PageResult.Redirect(303, targets.page(readable, request));
            case PageAddress.TwoReleases twoReleases -> ofTwoReleases(twoReleases, readable.getFirst());
            case PageAddress.TwoPaths twoPaths ->
                toResult(diffs.paths(readable.getFirst(), twoPaths.a(), readable.getLast(), twoPaths.b()));
        };
    }

    private PageResult ofPackage(PageAddress.PackagePage address, Cache cache, PageRequest request) throws IOException {
        var canonical = releases.canonical(address);
        if (canonical.isPresent()) {
            releases.require(cache, address);
            return new PageResult.Redirect(308, canonical.get());
        }
        var release = releases.require(cache, address);
        return switch (address.tab()) {
            case PageAddress.OVERVIEW -> toResult(packages.overview(release));
            case "versions" -> toResult(versions.versions(release));
            case "dependencies" -> toResult(packages.dependencies(release));
            case "dependents" -> toResult(packages.dependents(release, request));
            case PageAddress.FILES -> files.files(release.subject(), address.file(), request);
            case "derivation" -> toResult(derivations.derivation(release.subject()));
            case PageAddress.PROVENANCE -> toResult(provenances.provenance(release));
            case PageAddress.SECURITY -> toResult(securities.security(release));
            default -> throw Problem.notFound("page", request.path());
        };
    }

    private PageResult ofPath(PageAddress.PathPage address, Cache cache, PageRequest request) throws IOException {
        var hash = address.hash();
        return switch (address.tab()) {
            case PageAddress.OVERVIEW -> toResult(paths.overview(cache, hash));
            case "closure" -> toResult(paths.closure(cache, hash, request));
            case "referrers" -> toResult(paths.referrers(cache, hash, request));
            case PageAddress.FILES -> files.files(heads.subject(cache, hash), address.file(), request);
            case "derivation" -> toResult(derivations.derivation(heads.subject(cache, hash)));
            case "log" -> toResult(paths.log(cache, hash));
            case PageAddress.KEPT -> toResult(kepts.build(cache, hash));
            default -> throw Problem.notFound("page", request.path());
        };
    }

    private PageResult ofTwoReleases(PageAddress.TwoReleases page, Cache cache) {
        var first = DiffTargets.withSide("first", () -> releases.require(cache, page.first()));
        var second = DiffTargets.withSide("second", () -> releases.require(cache, page.second()));
        var name = first.head().normalised();
        return name.equals(page.name())
                ? toResult(diffs.releases(first, second))
                : new PageResult.Redirect(
                        308, Urls.diff(Urls.release(cache.name(), page.ecosystem(), name, page.a()), page.b()));
    }

    private static PageResult toResult(View view) {
        return new PageResult.ViewResult(view);
    }
}
