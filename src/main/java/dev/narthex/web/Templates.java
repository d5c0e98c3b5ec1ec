package dev.narthex.web;

import dev.narthex.access.ClientLogins;
import dev.narthex.ops.CacheLines;
import dev.narthex.ops.PeopleLines;
import dev.narthex.ops.Queue;
import dev.narthex.ops.Storage;
import dev.narthex.search.Index;
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
import dev.narthex.web.view.HomeView;
import dev.narthex.web.view.KeptView;
import dev.narthex.web.view.ListingView;
import dev.narthex.web.view.LogView;
import dev.narthex.web.view.MeView;
import dev.narthex.web.view.PackageView;
import dev.narthex.web.view.PathView;
import dev.narthex.web.view.ProvenanceView;
import dev.narthex.web.view.ReferrersView;
import dev.narthex.web.view.SearchView;
import dev.narthex.web.view.SecurityView;
import dev.narthex.web.view.SettingsView;
import dev.narthex.web.view.StatusView;
import dev.narthex.web.view.TokensView;
import dev.narthex.web.view.Told;
import dev.narthex.web.view.VersionsView;
import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateInstance;
import java.util.List;

/** The Qute templates of the pages. They are checked against their view records at build time. */
@CheckedTemplate(basePath = "pages")
final class Templates {
    private Templates() {}

    /** @param baseUrl public URL of this instance, without a trailing slash */
    static native TemplateInstance home(Frame frame, HomeView view, List<Panel> panels, String baseUrl);

    static native TemplateInstance caches(Frame frame, CachesView view);

    /** @param manages whether the user may see the cache's settings */
    static native TemplateInstance cache(Frame frame, CacheView view, List<Panel> panels, boolean manages);

    static native TemplateInstance listing(Frame frame, ListingView view);

    static native TemplateInstance search(Frame frame, SearchView view);

    /**
     * @param details safe HTML with facts specific to the ecosystem, or empty
     * @param described JSON-LD description of the package, safe inside a script element
     */
    static native TemplateInstance package_(
            Frame frame, PackageView view, String details, String described, Deciding deciding);

    static native TemplateInstance versions(Frame frame, VersionsView view);

    static native TemplateInstance dependencies(Frame frame, DependenciesView view);

    static native TemplateInstance dependents(Frame frame, DependentsView view);

    /** @param lines lines of a text file as safe HTML */
    static native TemplateInstance files(Frame frame, FilesView view, List<String> lines);

    static native TemplateInstance derivation(Frame frame, DerivationView view, String substituter);

    static native TemplateInstance provenance(Frame frame, ProvenanceView view);

    /** @param metadata URL to which metadata of Nix packages is pushed */
    static native TemplateInstance security(Frame frame, SecurityView view, String metadata);

    static native TemplateInstance path(Frame frame, PathView view);

    static native TemplateInstance closure(Frame frame, ClosureView view);

    static native TemplateInstance referrers(Frame frame, ReferrersView view);

    static native TemplateInstance kept(Frame frame, KeptView view, Deciding deciding);

    static native TemplateInstance log(Frame frame, LogView view);

    static native TemplateInstance diff(Frame frame, DiffView view);

    static native TemplateInstance error(Frame frame, ErrorView view);

    /** @param start URL that redirects to the identity provider */
    static native TemplateInstance login(Frame frame, String provider, String to, String start);

    /** @param person name of the user who may approve the login */
    static native TemplateInstance clientLogin(Frame frame, ClientLogins.Waiting login, String person, String key);

    static native TemplateInstance clientLoginDone(Frame frame, ClientLogins.Waiting login, boolean confirmed);

    static native TemplateInstance loggedOut(Frame frame);

    /**
     * @param key CSRF token of the form
     * @param signOut CSRF token of the sign-out link
     */
    static native TemplateInstance me(Frame frame, MeView view, String key, String signOut);

    /** @param key CSRF token of the forms */
    static native TemplateInstance tokens(Frame frame, TokensView view, String key);

    static native TemplateInstance settings(Frame frame, SettingsView view);

    /** @param cache name of the cache */
    static native TemplateInstance audit(Frame frame, String cache, AuditView view);

    /** @param key CSRF token of the forms */
    static native TemplateInstance adminCaches(Frame frame, CacheLines lines, Told told, String key);

    static native TemplateInstance adminPeople(Frame frame, String text, PeopleLines lines, Told told, String key);

    static native TemplateInstance adminAudit(Frame frame, AuditView view);

    static native TemplateInstance admin(Frame frame, Storage storage, Queue queue, Index.State index);

    /** @param key CSRF token of the forms */
    static native TemplateInstance adminStorage(Frame frame, Storage storage, Told told, String key);

    /** @param key CSRF token of the forms */
    static native TemplateInstance adminJobs(Frame frame, Queue queue, Index.State index, Told told, String key);

    static native TemplateInstance prefs(Frame frame, String to);

    static native TemplateInstance status(Frame frame, StatusView view);

    static native TemplateInstance docs(Frame frame, Docs docs);

    /** @param page content of the ecosystem's page */
    static native TemplateInstance docsOf(Frame frame, Docs docs, Panel page);

    static native TemplateInstance opensearch(String baseUrl);
}
