package dev.narthex.web;

import dev.narthex.access.Access;
import dev.narthex.access.OwnPushes;
import dev.narthex.access.OwnPushes.Pushed;
import dev.narthex.access.OwnTokens;
import dev.narthex.access.Principal;
import dev.narthex.access.Role;
import dev.narthex.catalog.CacheOverview;
import dev.narthex.catalog.CacheOverviews;
import dev.narthex.spi.Cache;
import dev.narthex.web.view.Gauge;
import dev.narthex.web.view.MeView;
import dev.narthex.web.view.MeView.Need;
import dev.narthex.web.view.MeView.OwnCache;
import dev.narthex.web.view.MeView.Push;
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
class MeViews {
    private static final Duration SOON = Duration.ofDays(14);
    private static final int PUSHES = 20;

    private final Access access;
    private final OwnTokens tokens;
    private final OwnPushes pushes;
    private final CacheOverviews overviews;

    MeViews(Access access, OwnTokens tokens, OwnPushes pushes, CacheOverviews overviews) {
        this.access = access;
        this.tokens = tokens;
        this.pushes = pushes;
        this.overviews = overviews;
    }

    MeView of(Principal.Person person) {
        var own = access.own();
        var stand = overviews.of(own.keySet().stream().map(Cache::id).toList());
        var caches = own.entrySet().stream()
                .flatMap(
                        one -> Optional.ofNullable(stand.get(one.getKey().id()))
                                .map(is -> cache(one.getKey(), one.getValue(), is))
                                .stream())
                .toList();
        var names = own.keySet().stream().map(Cache::name).collect(Collectors.toSet());
        return new MeView(
                person.login(),
                person.admin(),
                person.groups().stream().sorted().toList(),
                needs(caches),
                caches,
                pushes.newest(PUSHES).stream().map(push -> push(push, names)).toList(),
                access.mayCreate());
    }

    private static OwnCache cache(Cache cache, Role role, CacheOverview is) {
        return new OwnCache(
                Urls.cache(cache.name()),
                cache.name(),
                cache.summary(),
                cache.open(),
                role.toString(),
                is.packages(),
                is.paths(),
                is.narBytes(),
                is.quotaBytes(),
                Gauge.of(is.narBytes(), is.quotaBytes()),
                is.lastPush(),
                role.covers(Role.MAINTAINER));
    }

    private List<Need> needs(List<OwnCache> caches) {
        var going = overviews.going(access.owned()).stream()
                .map(cache -> new Need(
                        "The cache " + cache.name() + " is deleted",
                        Urls.cache(cache.name()) + "/settings",
                        "Bring it back",
                        Optional.of(cache.until())));
        var ending = tokens.ending(SOON).stream()
                .map(token -> new Need(
                        "The token “" + token.label() + "” ends", "/me/tokens", "Make another", token.expiresAt()));
        var tight = caches.stream()
                .filter(OwnCache::settings)
                .flatMap(cache -> cache.gauge().filter(Gauge::tight).stream()
                        .map(gauge -> new Need(
                                "The cache " + cache.name() + " has used " + Show.percent(gauge.parts())
                                        + " of its space",
                                cache.url() + "/settings#space",
                                "See its limit",
                                Optional.empty())));
        return Stream.of(going, ending, tight).flatMap(some -> some).toList();
    }

    private static Push push(Pushed push, Set<String> names) {
        var path = StoredObject.of(push.object());
        return new Push(
                push.at(),
                push.cache(),
                path.map(StoredObject::name).orElse(push.object()),
                path.filter(found -> names.contains(push.cache())).map(found -> found.url(push.cache())));
    }
}
