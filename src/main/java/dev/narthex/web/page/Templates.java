package dev.narthex.web.page;

import dev.narthex.access.DeviceLogins;
import dev.narthex.admin.CacheListing;
import dev.narthex.admin.JobListing;
import dev.narthex.admin.PeopleListing;
import dev.narthex.admin.StorageReport;
import dev.narthex.search.PackageSearchIndex;
import dev.narthex.web.view.AccountView;
import dev.narthex.web.view.AuditView;
import dev.narthex.web.view.CacheView;
import dev.narthex.web.view.CachesView;
import dev.narthex.web.view.ClosureView;
import dev.narthex.web.view.DependenciesView;
import dev.narthex.web.view.DependentsView;
import dev.narthex.web.view.DerivationView;
import dev.narthex.web.view.DiffView;
import dev.narthex.web.view.ErrorView;
import dev.narthex.web.view.FilesView;
import dev.narthex.web.view.FormOutcome;
import dev.narthex.web.view.HomeView;
import dev.narthex.web.view.ListingView;
import dev.narthex.web.view.LogView;
import dev.narthex.web.view.PackageView;
import dev.narthex.web.view.PathView;
import dev.narthex.web.view.ProvenanceView;
import dev.narthex.web.view.ReferrersView;
import dev.narthex.web.view.SearchView;
import dev.narthex.web.view.SecurityView;
import dev.narthex.web.view.SettingsView;
import dev.narthex.web.view.StatusView;
import dev.narthex.web.view.TokensView;
import dev.narthex.web.view.VersionsView;
import dev.narthex.web.view.WhyKeptView;
import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateInstance;
import java.util.List;

/** The Qute templates of the pages. They are checked against their view records at build time. */
@CheckedTemplate(basePath = "pages")
public final class Templates {
    private Templates() {}

    /** @param baseUrl public URL of this instance, without a trailing slash */
    public static native TemplateInstance home(
            PageLayout frame, HomeView view, List<SetupPanel> panels, String baseUrl);

    public static native TemplateInstance caches(PageLayout frame, CachesView view);

    /** @param manages whether the user may see the cache's settings */
    public static native TemplateInstance cache(
            PageLayout frame, CacheView view, List<SetupPanel> panels, boolean manages);

    public static native TemplateInstance listing(PageLayout frame, ListingView view);

    public static native TemplateInstance search(PageLayout frame, SearchView view);

    /**
     * @param details safe HTML with facts specific to the ecosystem, or empty
     * @param described JSON-LD description of the package, safe inside a script element
     */
    public static native TemplateInstance package_(
            PageLayout frame, PackageView view, String details, String described, ReleaseFormState formState);

    public static native TemplateInstance versions(PageLayout frame, VersionsView view);

    public static native TemplateInstance dependencies(PageLayout frame, DependenciesView view);

    public static native TemplateInstance dependents(PageLayout frame, DependentsView view);

    /** @param lines lines of a text file as safe HTML */
    public static native TemplateInstance files(PageLayout frame, FilesView view, List<String> lines);

    public static native TemplateInstance derivation(PageLayout frame, DerivationView view, String substituter);

    public static native TemplateInstance provenance(PageLayout frame, ProvenanceView view);

    /** @param metadata URL to which metadata of Nix packages is pushed */
    public static native TemplateInstance security(PageLayout frame, SecurityView view, String metadata);

    public static native TemplateInstance path(PageLayout frame, PathView view);

    public static native TemplateInstance closure(PageLayout frame, ClosureView view);

    public static native TemplateInstance referrers(PageLayout frame, ReferrersView view);

    public static native TemplateInstance kept(PageLayout frame, WhyKeptView view, ReleaseFormState formState);

    public static native TemplateInstance log(PageLayout frame, LogView view);

    public static native TemplateInstance diff(PageLayout frame, DiffView view);

    public static native TemplateInstance error(PageLayout frame, ErrorView view);

    /** @param start URL that redirects to the identity provider */
    public static native TemplateInstance login(PageLayout frame, String provider, String to, String start);

    /** @param person name of the user who may approve the login */
    public static native TemplateInstance clientLogin(
            PageLayout frame, DeviceLogins.PendingLogin login, String person, String key);

    public static native TemplateInstance clientLoginDone(
            PageLayout frame, DeviceLogins.PendingLogin login, boolean confirmed);

    public static native TemplateInstance loggedOut(PageLayout frame);

    /**
     * @param key CSRF token of the form
     * @param signOut CSRF token of the sign-out link
     */
    public static native TemplateInstance me(PageLayout frame, AccountView view, String key, String signOut);

    /** @param key CSRF token of the forms */
    public static native TemplateInstance tokens(PageLayout frame, TokensView view, String key);

    public static native TemplateInstance settings(PageLayout frame, SettingsView view);

    /** @param cache name of the cache */
    public static native TemplateInstance audit(PageLayout frame, String cache, AuditView view);

    /** @param key CSRF token of the forms */
    public static native TemplateInstance adminCaches(
            PageLayout frame, CacheListing lines, FormOutcome outcome, String key);

    public static native TemplateInstance adminPeople(
            PageLayout frame, String text, PeopleListing lines, FormOutcome outcome, String key);

    public static native TemplateInstance adminAudit(PageLayout frame, AuditView view);

    public static native TemplateInstance admin(
            PageLayout frame, StorageReport storage, JobListing queue, PackageSearchIndex.State index);

    /** @param key CSRF token of the forms */
    public static native TemplateInstance adminStorage(
            PageLayout frame, StorageReport storage, FormOutcome outcome, String key);

    /** @param key CSRF token of the forms */
    public static native TemplateInstance adminJobs(
            PageLayout frame, JobListing queue, PackageSearchIndex.State index, FormOutcome outcome, String key);

    public static native TemplateInstance prefs(PageLayout frame, String to);

    public static native TemplateInstance status(PageLayout frame, StatusView view);

    public static native TemplateInstance docs(PageLayout frame, DocsPage docs);

    /** @param page content of the ecosystem's page */
    public static native TemplateInstance docsOf(PageLayout frame, DocsPage docs, SetupPanel page);

    public static native TemplateInstance opensearch(String baseUrl);
}
