package dev.narthex.web;

import dev.narthex.web.files.SyntaxHighlighter;
import dev.narthex.web.page.PageLayout;
import dev.narthex.web.page.PageLayoutBuilder;
import dev.narthex.web.page.PageRequest;
import dev.narthex.web.page.ReleaseFormState;
import dev.narthex.web.page.SetupPanel;
import dev.narthex.web.page.SetupPanelRenderer;
import dev.narthex.web.page.Templates;
import dev.narthex.web.release.StructuredData;
import dev.narthex.web.view.CacheView;
import dev.narthex.web.view.CachesView;
import dev.narthex.web.view.ClientSetup;
import dev.narthex.web.view.ClosureView;
import dev.narthex.web.view.DependenciesView;
import dev.narthex.web.view.DependentsView;
import dev.narthex.web.view.DerivationView;
import dev.narthex.web.view.DiffView;
import dev.narthex.web.view.FilesView;
import dev.narthex.web.view.HomeView;
import dev.narthex.web.view.ListingView;
import dev.narthex.web.view.LogView;
import dev.narthex.web.view.PackageView;
import dev.narthex.web.view.PathView;
import dev.narthex.web.view.ProvenanceView;
import dev.narthex.web.view.ReferrersView;
import dev.narthex.web.view.SearchView;
import dev.narthex.web.view.SecurityView;
import dev.narthex.web.view.Urls;
import dev.narthex.web.view.VersionsView;
import dev.narthex.web.view.View;
import dev.narthex.web.view.WhyKeptView;
import io.quarkus.qute.TemplateInstance;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** Renders view records to HTML. */
@ApplicationScoped
class HtmlRenderer {
    private final SetupPanelRenderer panels;
    private final PageLayoutBuilder layouts;
    private final AlternateLinks alternateLinks;
    private final StructuredData structuredData;
    private final String baseUrl;

    HtmlRenderer(
            SetupPanelRenderer panels,
            PageLayoutBuilder layouts,
            AlternateLinks alternateLinks,
            StructuredData structuredData,
            @ConfigProperty(name = "narthex.url") String baseUrl) {
        this.panels = panels;
        this.layouts = layouts;
        this.alternateLinks = alternateLinks;
        this.structuredData = structuredData;
        this.baseUrl = baseUrl;
    }

    /**
     * Renders a page.
     *
     * @param manages whether the user sees the controls for maintainers
     * @param formState forms of a release or path
     */
    String of(View view, PageRequest request, boolean manages, ReleaseFormState formState) {
        var searchText = view instanceof SearchView search ? search.query() : "";
        var frame = layouts.of(request, searchText, alternateLinks.of(view, request));
        return template(view, frame, manages, formState).render();
    }

    private TemplateInstance template(View view, PageLayout frame, boolean manages, ReleaseFormState formState) {
        return switch (view) {
            case HomeView home ->
                Templates.home(
                        frame, home, home.shown().map(panels::installPanels).orElse(List.of()), baseUrl);
            case CachesView caches -> Templates.caches(frame, caches);
            case CacheView cache -> Templates.cache(frame, cache, panels(cache), manages);
            case ListingView listing -> Templates.listing(frame, listing);
            case SearchView search -> Templates.search(frame, search);
            case PackageView release ->
                Templates.package_(
                        frame,
                        release,
                        panels.details(release.head().ecosystem().id(), release.details()),
                        structuredData.of(release),
                        formState);
            case VersionsView versions -> Templates.versions(frame, versions);
            case DependenciesView dependencies -> Templates.dependencies(frame, dependencies);
            case DependentsView dependents -> Templates.dependents(frame, dependents);
            case FilesView files -> Templates.files(frame, files, lines(files));
            case DerivationView derivation ->
                Templates.derivation(
                        frame,
                        derivation,
                        baseUrl + Urls.cache(derivation.path().cache()));
            case ProvenanceView provenance -> Templates.provenance(frame, provenance);
            case SecurityView security ->
                Templates.security(
                        frame,
                        security,
                        baseUrl + "/_api/v1" + Urls.cache(security.head().cache()) + "/derivation-meta");
            case PathView path -> Templates.path(frame, path);
            case ClosureView closure -> Templates.closure(frame, closure);
            case ReferrersView referrers -> Templates.referrers(frame, referrers);
            case WhyKeptView kept -> Templates.kept(frame, kept, formState);
            case LogView log -> Templates.log(frame, log);
            case DiffView diff -> Templates.diff(frame, diff);
        };
    }

    private static List<String> lines(FilesView view) {
        return view.content()
                .filter(content -> content.form().equals("text"))
                .flatMap(FilesView.FileContent::text)
                .map(text -> SyntaxHighlighter.lines(text, view.name()))
                .orElse(List.of());
    }

    private List<SetupPanel> panels(CacheView cache) {
        var setup = new ClientSetup(baseUrl, cache.name(), cache.publicKeys());
        return cache.empty() ? panels.pushPanels(setup) : panels.all(setup);
    }
}
