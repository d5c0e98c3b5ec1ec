package dev.narthex.web;

import dev.narthex.problem.Problem;
import dev.narthex.spi.Cache;
import dev.narthex.web.view.Urls;
import dev.narthex.web.view.View;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.util.List;

/** Builds the view record of a URL, for both the page and its JSON twin. */
@ApplicationScoped
class Views {
    private final GlobalViews global;
    private final SearchViews searches;
    private final ListingViews listings;
    private final ReleaseFinder releases;
    private final PackageViews packages;
    private final VersionViews versions;
    private final PathHeads heads;
    private final PathViews paths;
    private final KeptViews kepts;
    private final FileViews files;
    private final DerivationViews derivations;
    private final ProvenanceViews provenances;
    private final SecurityViews securities;
    private final DiffSides sides;
    private final DiffViews diffs;

    Views(
            GlobalViews global,
            SearchViews searches,
            ListingViews listings,
            ReleaseFinder releases,
            PackageViews packages,
            VersionViews versions,
            PathHeads heads,
            PathViews paths,
            KeptViews kepts,
            FileViews files,
            DerivationViews derivations,
            ProvenanceViews provenances,
            SecurityViews securities,
            DiffSides sides,
            DiffViews diffs) {
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
    Outcome at(PageAddress address, List<Cache> readable, Asked asked) throws IOException {
        return switch (address) {
            case PageAddress.Home home -> shown(global.home(readable));
            case PageAddress.Caches caches -> shown(global.caches(readable, asked));
            case PageAddress.Search search -> searches.search(readable, asked);
            case PageAddress.OneCache one -> shown(global.cache(readable.getFirst()));
            case PageAddress.Listing listing ->
                shown(listings.listing(readable.getFirst(), listing.ecosystem(), asked));
            case PageAddress.OnePackage one -> ofPackage(one, readable.getFirst(), asked);
            case PageAddress.OnePath one -> ofPath(one, readable.getFirst(), asked);
            case PageAddress.Compare compare -> new Outcome.Moved(303, sides.page(readable, asked));
            case PageAddress.TwoReleases two -> ofTwoReleases(two, readable.getFirst());
            case PageAddress.TwoPaths two ->
                shown(diffs.paths(readable.getFirst(), two.a(), readable.getLast(), two.b()));
        };
    }

    private Outcome ofPackage(PageAddress.OnePackage address, Cache cache, Asked asked) throws IOException {
        var canonical = releases.canonical(address);
        if (canonical.isPresent()) {
            releases.require(cache, address);
            return new Outcome.Moved(308, canonical.get());
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
            default -> throw new Problem.NotFound("page", asked.path()).asException();
        };
    }

    private Outcome ofPath(PageAddress.OnePath address, Cache cache, Asked asked) throws IOException {
        var hash = address.hash();
        return switch (address.tab()) {
            case PageAddress.OVERVIEW -> shown(paths.overview(cache, hash));
            case "closure" -> shown(paths.closure(cache, hash, asked));
            case "referrers" -> shown(paths.referrers(cache, hash, asked));
            case PageAddress.FILES -> files.files(heads.subject(cache, hash), address.file(), asked);
            case "derivation" -> shown(derivations.derivation(heads.subject(cache, hash)));
            case "log" -> shown(paths.log(cache, hash));
            case PageAddress.KEPT -> shown(kepts.kept(cache, hash));
            default -> throw new Problem.NotFound("page", asked.path()).asException();
        };
    }

    private Outcome ofTwoReleases(PageAddress.TwoReleases two, Cache cache) {
        var first = DiffSides.told("first", () -> releases.require(cache, two.first()));
        var second = DiffSides.told("second", () -> releases.require(cache, two.second()));
        var name = first.head().normalised();
        return name.equals(two.name())
                ? shown(diffs.releases(first, second))
                : new Outcome.Moved(
                        308, Urls.diff(Urls.release(cache.name(), two.ecosystem(), name, two.a()), two.b()));
    }

    private static Outcome shown(View view) {
        return new Outcome.Shown(view);
    }
}
