package dev.narthex.web.account;

import dev.narthex.access.Access;
import dev.narthex.access.Principal;
import dev.narthex.access.RecentPushes;
import dev.narthex.access.RecentPushes.RecentPush;
import dev.narthex.access.Role;
import dev.narthex.access.TokenService;
import dev.narthex.catalog.cache.CacheStats;
import dev.narthex.catalog.cache.CacheStatsQuery;
import dev.narthex.spi.Cache;
import dev.narthex.web.admin.StoredObject;
import dev.narthex.web.page.Format;
import dev.narthex.web.view.AccountView;
import dev.narthex.web.view.AccountView.AttentionItem;
import dev.narthex.web.view.AccountView.OwnCache;
import dev.narthex.web.view.AccountView.PushLine;
import dev.narthex.web.view.QuotaGauge;
import dev.narthex.web.view.Urls;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Builds the start page of a signed-in user. The number of queries does not depend on the number of caches. */
@ApplicationScoped
public class AccountPageBuilder {
    private static final Duration SOON = Duration.ofDays(14);
    private static final int PUSHES = 20;

    private final Access access;
    private final TokenService tokens;
    private final RecentPushes pushes;
    private final CacheStatsQuery stats;

    AccountPageBuilder(Access access, TokenService tokens, RecentPushes pushes, CacheStatsQuery stats) {
        this.access = access;
        this.tokens = tokens;
        this.pushes = pushes;
        this.stats = stats;
    }

    public AccountView of(Principal.Person person) {
        var memberships = access.memberships();
        var statsById = stats.of(memberships.keySet().stream().map(Cache::id).toList());
        var caches = memberships.entrySet().stream()
                .flatMap(entry ->
                        Optional.ofNullable(statsById.get(entry.getKey().id()))
                                .map(stats -> cache(entry.getKey(), entry.getValue(), stats))
                                .stream())
                .toList();
        var names = memberships.keySet().stream().map(Cache::name).collect(Collectors.toSet());
        return new AccountView(
                person.login(),
                person.admin(),
                person.groups().stream().sorted().toList(),
                attentionItems(caches),
                caches,
                pushes.newest(PUSHES).stream().map(push -> push(push, names)).toList(),
                access.mayCreate());
    }

    private static OwnCache cache(Cache cache, Role role, CacheStats stats) {
        return new OwnCache(
                Urls.cache(cache.name()),
                cache.name(),
                cache.summary(),
                cache.open(),
                role.toString(),
                stats.packages(),
                stats.paths(),
                stats.narBytes(),
                stats.quotaBytes(),
                QuotaGauge.of(stats.narBytes(), stats.quotaBytes()),
                stats.lastPush(),
                role.covers(Role.MAINTAINER));
    }

    private List<AttentionItem> attentionItems(List<OwnCache> caches) {
        var deletionItems = stats.listRestorable(access.ownedCacheIds()).stream()
                .map(cache -> new AttentionItem(
                        "The cache " + cache.name() + " is deleted",
                        Urls.cache(cache.name()) + "/settings",
                        "Bring it back",
                        Optional.of(cache.until())));
        var ending = tokens.expiringSoon(SOON).stream()
                .map(token -> new AttentionItem(
                        "The token “" + token.label() + "” ends", "/me/tokens", "Make another", token.expiresAt()));
        var quotaItems = caches.stream()
                .filter(OwnCache::settings)
                .flatMap(cache -> cache.gauge().filter(QuotaGauge::tight).stream()
                        .map(gauge -> new AttentionItem(
                                "The cache " + cache.name() + " has used " + Format.percent(gauge.parts())
                                        + " of its space",
                                cache.url() + "/settings#space",
                                "See its limit",
                                Optional.empty())));
        return Stream.of(deletionItems, ending, quotaItems)
                .flatMap(items -> items)
                .toList();
    }

    private static PushLine push(RecentPush push, Set<String> names) {
        var path = StoredObject.of(push.object());
        return new PushLine(
                push.at(),
                push.cache(),
                path.map(StoredObject::name).orElse(push.object()),
                path.filter(object -> names.contains(push.cache())).map(object -> object.url(push.cache())));
    }
}
