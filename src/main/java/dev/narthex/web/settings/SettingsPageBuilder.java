package dev.narthex.web.settings;

import dev.narthex.access.Access;
import dev.narthex.access.Action;
import dev.narthex.access.CsrfTokens;
import dev.narthex.access.Member;
import dev.narthex.access.MemberService;
import dev.narthex.access.NamePattern;
import dev.narthex.access.Principal;
import dev.narthex.access.TrustedPublisher;
import dev.narthex.access.TrustedPublisherService;
import dev.narthex.catalog.cache.CacheCatalog;
import dev.narthex.catalog.cache.CacheDeletion;
import dev.narthex.catalog.cache.CacheKey;
import dev.narthex.catalog.cache.CacheKeyring;
import dev.narthex.catalog.cache.CacheSettings;
import dev.narthex.catalog.cache.CacheSettingsStore;
import dev.narthex.catalog.cache.Retention;
import dev.narthex.retention.GcRuns;
import dev.narthex.retention.Pins;
import dev.narthex.spi.Cache;
import dev.narthex.web.page.InstalledEcosystems;
import dev.narthex.web.page.PageRequest;
import dev.narthex.web.path.WhyKeptPageBuilder;
import dev.narthex.web.view.FormOutcome;
import dev.narthex.web.view.QuotaGauge;
import dev.narthex.web.view.SettingsView;
import dev.narthex.web.view.SettingsView.KeyLine;
import dev.narthex.web.view.SettingsView.MemberLine;
import dev.narthex.web.view.SettingsView.UsagePanel;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Builds the settings page of a cache. */
@ApplicationScoped
public class SettingsPageBuilder {
    private static final int MEMBERS = 100;
    private static final int PINS = 100;
    private static final int COLLECTIONS = 5;

    private final Access access;
    private final CsrfTokens csrfTokens;
    private final CacheSettingsStore settings;
    private final CacheCatalog caches;
    private final CacheKeyring keys;
    private final MemberService members;
    private final CacheDeletion deletion;
    private final TrustedPublisherService publishers;
    private final GcRuns runs;
    private final Pins pins;
    private final InstalledEcosystems ecosystems;

    SettingsPageBuilder(
            Access access,
            CsrfTokens csrfTokens,
            CacheSettingsStore settings,
            CacheCatalog caches,
            CacheKeyring keys,
            MemberService members,
            CacheDeletion deletion,
            TrustedPublisherService trusted,
            GcRuns runs,
            Pins pins,
            InstalledEcosystems ecosystems) {
        this.access = access;
        this.csrfTokens = csrfTokens;
        this.settings = settings;
        this.caches = caches;
        this.keys = keys;
        this.members = members;
        this.deletion = deletion;
        this.publishers = trusted;
        this.runs = runs;
        this.pins = pins;
        this.ecosystems = ecosystems;
    }

    /** Returns the purpose of the CSRF token for a cache's settings. */
    static String act(String cache) {
        return "settings of " + cache;
    }

    /**
     * Builds the page.
     *
     * @param request the request; its query contains the number of members to skip
     */
    public SettingsView of(Cache cache, boolean deleted, FormOutcome outcome, PageRequest request) {
        var given = request.text("after");
        int after = given.matches("\\d{1,8}") ? Integer.parseInt(given) : 0;
        var set = settings.of(cache.id());
        var cacheKeys = keys.list(cache.id());
        var firstMembers = members.list(cache, after, MEMBERS + 1);
        return new SettingsView(
                cache.name(),
                access.isAllowed(deleted ? Action.DESTROY : Action.CONFIGURE, cache),
                access.admin(),
                csrfTokens.of(act(cache.name())),
                outcome,
                deleted ? deletion.restorableUntil(cache.id()) : Optional.<Instant>empty(),
                set.summary(),
                set.open(),
                set.automatic(),
                Integer.toString(set.priority()),
                String.join("\n", set.upstreamKeyNames()),
                cacheKeys.stream().map(SettingsPageBuilder::line).toList(),
                CacheKeyring.next(cache.name(), cacheKeys),
                firstMembers.stream()
                        .limit(MEMBERS)
                        .map(member -> line(member, firstMembers))
                        .toList(),
                firstMembers.size() > MEMBERS ? Optional.of(after + MEMBERS) : Optional.empty(),
                publisherPanel(cache),
                retentionPanel(cache, set.retention()),
                usagePanel(cache, set));
    }

    private SettingsView.RetentionPanel retentionPanel(Cache cache, Retention rules) {
        var firstPins = pins.list(cache.id(), "", PINS + 1);
        return new SettingsView.RetentionPanel(
                rules.keepsForever() ? "" : Long.toString(rules.age().toDays()),
                rules.versions().map(String::valueOf).orElse(""),
                rules.downloadedDays().map(String::valueOf).orElse(""),
                runs.latest(cache.id(), COLLECTIONS).stream()
                        .map(run -> new SettingsView.GcLine(
                                run.started(), run.ended(), run.paths(), run.bytes(), run.releases()))
                        .toList(),
                firstPins.stream()
                        .limit(PINS)
                        .map(pin -> WhyKeptPageBuilder.line(cache, pin))
                        .toList(),
                firstPins.size() > PINS);
    }

    private SettingsView.TrustedPublisherPanel publisherPanel(Cache cache) {
        return new SettingsView.TrustedPublisherPanel(
                publishers.list(cache).stream().map(SettingsPageBuilder::line).toList(),
                publishers.issuers(),
                ecosystems.names(),
                publishers.audience());
    }

    private static SettingsView.RuleLine line(TrustedPublisher.StoredTrustedPublisher rule) {
        return new SettingsView.RuleLine(
                rule.id(),
                rule.ecosystem(),
                rule.packages().equals(NamePattern.ALL) ? "" : rule.packages().text(),
                rule.issuer(),
                rule.claims().entrySet().stream()
                        .sorted(Map.Entry.comparingByKey())
                        .map(claim -> claim.getKey() + " = " + claim.getValue())
                        .toList(),
                rule.createdAt(),
                rule.broken().orElse(""));
    }

    private static KeyLine line(CacheKey key) {
        return new KeyLine(
                key.publicKey().name(),
                key.publicKey().toString(),
                key.state().name().toLowerCase(Locale.ROOT),
                key.createdAt());
    }

    private MemberLine line(Member member, List<Member> members) {
        var field = member.person()
                .map(id -> "p" + id)
                .orElseGet(() -> "g" + member.group().orElseThrow());
        boolean owns = member.role().equals("owner");
        return new MemberLine(
                "role:" + member.role() + ":" + field,
                member.login().or(member::group).orElse(""),
                member.group().isPresent(),
                member.role(),
                member.person().equals(access.person().map(Principal.Person::id)),
                owns
                        && members.size() <= MEMBERS
                        && members.stream()
                                        .filter(other -> other.role().equals("owner"))
                                        .count()
                                == 1);
    }

    /** Returns usage and limits. The quota applies to the sum of the NAR sizes of all paths, without deduplication. */
    private UsagePanel usagePanel(Cache cache, CacheSettings set) {
        var counts = caches.counts(cache.id());
        return new UsagePanel(
                counts.paths(),
                counts.packagesByEcosystem().values().stream()
                        .mapToLong(Long::longValue)
                        .sum(),
                counts.narBytes(),
                set.quotaBytes(),
                ByteAmount.text(set.quotaBytes()),
                set.uploadBytesPerMinute(),
                ByteAmount.text(set.uploadBytesPerMinute()),
                QuotaGauge.of(counts.narBytes(), set.quotaBytes()));
    }
}
