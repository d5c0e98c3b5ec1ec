package dev.narthex.web;

import dev.narthex.catalog.Keeping;
import dev.narthex.catalog.Keeping.Kept;
import dev.narthex.catalog.PathFacts;
import dev.narthex.catalog.Paths;
import dev.narthex.catalog.Pins.Pin;
import dev.narthex.catalog.Retention;
import dev.narthex.catalog.Settings;
import dev.narthex.nix.StorePath;
import dev.narthex.spi.Cache;
import dev.narthex.web.view.KeptView;
import dev.narthex.web.view.KeptView.Reason;
import dev.narthex.web.view.PinLine;
import dev.narthex.web.view.StoreItem;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Builds the page that explains why a path is kept. */
@ApplicationScoped
class KeptViews {
    /** The nightly garbage collection starts soon after midnight UTC. */
    private static final LocalTime NIGHT = LocalTime.of(0, 10);

    private final Keeping keeping;
    private final Settings settings;
    private final Paths paths;
    private final PathHeads heads;
    private final Lines lines;

    KeptViews(Keeping keeping, Settings settings, Paths paths, PathHeads heads, Lines lines) {
        this.keeping = keeping;
        this.settings = settings;
        this.paths = paths;
        this.heads = heads;
        this.lines = lines;
    }

    KeptView kept(Cache cache, String hash) {
        var path = heads.require(cache, hash);
        var rules = settings.of(cache.id()).retention();
        var kept = keeping.of(cache.id(), hash, rules);
        var now = Instant.now();
        return new KeptView(
                heads.head(cache, path),
                verdict(kept, rules, now),
                rules.forEver() || !kept.roots().isEmpty() ? Optional.empty() : collected(kept, now),
                rules(rules),
                rules.forEver() && kept.roots().isEmpty() ? List.of() : reasons(cache, path, kept, now));
    }

    static Optional<KeptView.Rules> rules(Retention rules) {
        return rules.forEver()
                ? Optional.empty()
                : Optional.of(new KeptView.Rules(rules.age().toDays(), rules.versions(), rules.downloadedDays()));
    }

    private static String verdict(Kept kept, Retention rules, Instant now) {
        if (rules.forEver()) {
            return "for ever";
        }
        if (!kept.roots().isEmpty()) {
            return "held";
        }
        return kept.keeps(now).map(keeps -> keeps ? "timed" : "leaving").orElse("unknown");
    }

    /** Returns when the path will be collected; empty unless all referrers were examined. */
    private static Optional<Instant> collected(Kept kept, Instant now) {
        return kept.timed()
                .filter(one -> kept.all())
                .map(one -> one.until().isAfter(now) ? one.until() : now)
                .map(KeptViews::nextNight);
    }

    private static Instant nextNight(Instant after) {
        var day = after.atOffset(ZoneOffset.UTC).toLocalDate();
        var night = day.atTime(NIGHT).toInstant(ZoneOffset.UTC);
        return night.isAfter(after) ? night : day.plusDays(1).atTime(NIGHT).toInstant(ZoneOffset.UTC);
    }

    private List<Reason> reasons(Cache cache, PathFacts path, Kept kept, Instant now) {
        var reasons = new ArrayList<Reason>();
        for (var root : kept.roots()) {
            reasons.add(new Reason(
                    item(cache, root.path()),
                    root.path().equals(path.path()),
                    root.pins().stream().map(pin -> line(cache, pin)).toList(),
                    root.releases().stream()
                            .map(known -> lines.known(cache, known))
                            .toList(),
                    Optional.empty(),
                    Optional.empty(),
                    reasons.isEmpty() ? way(cache, root.path(), path.path()) : List.of()));
        }
        kept.timed()
                .filter(one -> one.until().isAfter(now))
                .ifPresent(one -> reasons.add(new Reason(
                        item(cache, one.path()),
                        one.path().equals(path.path()),
                        List.of(),
                        List.of(),
                        Optional.of(one.young()).filter(until -> until.isAfter(now)),
                        Optional.of(one.used()).filter(until -> until.isAfter(now)),
                        way(cache, one.path(), path.path()))));
        return reasons;
    }

    private List<StoreItem> way(Cache cache, StorePath from, StorePath to) {
        if (from.equals(to)) {
            return List.of();
        }
        var closure = paths.closure(cache.id(), from.hash(), Weights.LIMIT);
        return new Ways(cache, closure)
                .to(from.hash(), to.hash()).stream()
                        .findFirst()
                        .map(way -> way.steps())
                        .orElse(List.of());
    }

    /** Returns a store path without its size, which is not shown here. */
    private static StoreItem item(Cache cache, StorePath path) {
        return Lines.item(cache, path, 0);
    }

    static PinLine line(Cache cache, Pin pin) {
        return new PinLine(
                pin.name(),
                item(cache, pin.path()),
                pin.reason(),
                pin.until(),
                pin.since(),
                pin.by().map(Show::who).orElse(""));
    }
}
