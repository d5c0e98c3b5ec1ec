package dev.narthex.web.path;

import dev.narthex.catalog.cache.CacheSettingsStore;
import dev.narthex.catalog.cache.Retention;
import dev.narthex.catalog.path.PathInfo;
import dev.narthex.catalog.path.Paths;
import dev.narthex.nix.StorePath;
import dev.narthex.retention.Pins.Pin;
import dev.narthex.retention.WhyKept;
import dev.narthex.retention.WhyKept.KeepReasons;
import dev.narthex.spi.Cache;
import dev.narthex.web.page.Format;
import dev.narthex.web.page.ViewMapper;
import dev.narthex.web.view.PinLine;
import dev.narthex.web.view.StoreItem;
import dev.narthex.web.view.WhyKeptView;
import dev.narthex.web.view.WhyKeptView.Reason;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Builds the page that explains why a path is kept. */
@ApplicationScoped
public class WhyKeptPageBuilder {
    /** The nightly garbage collection starts soon after midnight UTC. */
    private static final LocalTime NIGHT = LocalTime.of(0, 10);

    private final WhyKept whyKept;
    private final CacheSettingsStore settings;
    private final Paths paths;
    private final PathHeaders heads;
    private final ViewMapper mapper;

    WhyKeptPageBuilder(
            WhyKept whyKept, CacheSettingsStore settings, Paths paths, PathHeaders heads, ViewMapper mapper) {
        this.whyKept = whyKept;
        this.settings = settings;
        this.paths = paths;
        this.heads = heads;
        this.mapper = mapper;
    }

    public WhyKeptView build(Cache cache, String hash) {
        var path = heads.require(cache, hash);
        var rules = settings.of(cache.id()).retention();
        var kept = whyKept.of(cache.id(), hash, rules);
        var now = Instant.now();
        return new WhyKeptView(
                heads.head(cache, path),
                verdict(kept, rules, now),
                rules.keepsForever() || !kept.roots().isEmpty() ? Optional.empty() : collectionTime(kept, now),
                rules(rules),
                rules.keepsForever() && kept.roots().isEmpty() ? List.of() : reasons(cache, path, kept, now));
    }

    static Optional<WhyKeptView.Rules> rules(Retention rules) {
        return rules.keepsForever()
                ? Optional.empty()
                : Optional.of(new WhyKeptView.Rules(rules.age().toDays(), rules.versions(), rules.downloadedDays()));
    }

    private static String verdict(KeepReasons reasons, Retention rules, Instant now) {
        if (rules.keepsForever()) {
            return "for ever";
        }
        if (!reasons.roots().isEmpty()) {
            return "held";
        }
        return reasons.keepsAt(now).map(keeps -> keeps ? "timed" : "leaving").orElse("unknown");
    }

    /** Returns when the path will be collected; empty unless all referrers were examined. */
    private static Optional<Instant> collectionTime(KeepReasons reasons, Instant now) {
        return reasons.timed()
                .filter(periods -> reasons.complete())
                .map(periods -> periods.expiresAt().isAfter(now) ? periods.expiresAt() : now)
                .map(WhyKeptPageBuilder::nextNight);
    }

    private static Instant nextNight(Instant after) {
        var day = after.atOffset(ZoneOffset.UTC).toLocalDate();
        var night = day.atTime(NIGHT).toInstant(ZoneOffset.UTC);
        return night.isAfter(after) ? night : day.plusDays(1).atTime(NIGHT).toInstant(ZoneOffset.UTC);
    }

    private List<Reason> reasons(Cache cache, PathInfo path, KeepReasons kept, Instant now) {
        var reasons = new ArrayList<Reason>();
        for (var root : kept.roots()) {
            reasons.add(new Reason(
                    item(cache, root.path()),
                    root.path().equals(path.path()),
                    root.pins().stream().map(pin -> line(cache, pin)).toList(),
                    root.releases().stream()
                            .map(release -> mapper.toRelatedRelease(cache, release))
                            .toList(),
                    Optional.empty(),
                    Optional.empty(),
                    reasons.isEmpty() ? chain(cache, root.path(), path.path()) : List.of()));
        }
        kept.timed()
                .filter(periods -> periods.expiresAt().isAfter(now))
                .ifPresent(periods -> reasons.add(new Reason(
                        item(cache, periods.path()),
                        periods.path().equals(path.path()),
                        List.of(),
                        List.of(),
                        Optional.of(periods.young()).filter(until -> until.isAfter(now)),
                        Optional.of(periods.used()).filter(until -> until.isAfter(now)),
                        chain(cache, periods.path(), path.path()))));
        return reasons;
    }

    private List<StoreItem> chain(Cache cache, StorePath from, StorePath to) {
        if (from.equals(to)) {
            return List.of();
        }
        var closure = paths.closure(cache.id(), from.hash(), ClosureSizes.MAX_PATHS);
        return new WhyDepends(cache, closure)
                .chainsTo(from.hash(), to.hash()).stream()
                        .findFirst()
                        .map(chain -> chain.steps())
                        .orElse(List.of());
    }

    /** Returns a store path without its size, which is not shown here. */
    private static StoreItem item(Cache cache, StorePath path) {
        return ViewMapper.item(cache, path, 0);
    }

    public static PinLine line(Cache cache, Pin pin) {
        return new PinLine(
                pin.name(),
                item(cache, pin.path()),
                pin.reason(),
                pin.until(),
                pin.since(),
                pin.by().map(Format::principalName).orElse(""));
    }
}
