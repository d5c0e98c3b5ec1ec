package dev.narthex.retention;

import dev.narthex.access.Access;
import dev.narthex.access.Action;
import dev.narthex.access.AuditLog;
import dev.narthex.access.AuditLog.AuditEvent;
import dev.narthex.catalog.change.ChangeLog;
import dev.narthex.catalog.path.Closure;
import dev.narthex.catalog.path.PathInfo;
import dev.narthex.catalog.path.Paths;
import dev.narthex.nix.StorePath;
import dev.narthex.problem.Problem;
import dev.narthex.problem.ProblemException;
import dev.narthex.retention.Pins.NewPin;
import dev.narthex.retention.Pins.Pin;
import dev.narthex.spi.Cache;
import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Manages pins: named GC roots set by maintainers, which keep a store path and its closure. */
@ApplicationScoped
public class PinService {
    private static final Pattern NAME = Pattern.compile("[0-9A-Za-z][0-9A-Za-z._+-]{0,99}");
    private static final int MAX_REASON_LENGTH = 500;
    private static final int MAX_CLOSURE_SIZE = 20_000;
    private static final int NAMED = 20;
    private static final String PATH = "path";
    private static final String PREFIX = StorePath.STORE_DIR + "/";

    private final Access access;
    private final AuditLog audit;
    private final Paths paths;
    private final Pins pins;
    private final ChangeLog changes;

    PinService(Access access, AuditLog audit, Paths paths, Pins pins, ChangeLog changes) {
        this.access = access;
        this.audit = audit;
        this.paths = paths;
        this.pins = pins;
        this.changes = changes;
    }

    /**
     * A pin to set.
     *
     * @param path a full store path, its base name or its hash part
     * @param until when the pin expires; empty for never
     */
    public record PinParams(String path, String reason, Optional<Instant> until) {}

    /** Checks the right before a request body is read, so that unauthorized callers learn nothing from validation errors. */
    public void requireMaintainer(String cache) {
        access.require(Action.MAINTAIN, cache);
    }

    /** @param fresh whether the pin was created, not moved */
    public record PinResult(Pin pin, boolean created) {}

    /**
     * Creates a pin, or moves the existing pin of this name to another path.
     *
     * @throws dev.narthex.problem.ProblemException Malformed; NotFound if the path is not in the cache; Conflict if its closure
     *     is incomplete, naming the missing paths, or if the cache has {@link Pins#MAX_PINS} pins
     */
    public PinResult put(String cacheName, String name, PinParams params) {
        var cache = access.require(Action.MAINTAIN, cacheName);
        check(name, params);
        var path = find(cache, params.path());
        requireComplete(cache, path);
        return QuarkusTransaction.requiringNew().call(() -> {
            var before = pins.find(cache.id(), name);
            var pin = new NewPin(name, path.id(), params.reason().strip(), params.until(), access.principal());
            if (!pins.put(cache.id(), pin)) {
                throw Problem.conflict(
                        "Not pinned",
                        "A cache has at most " + Pins.MAX_PINS + " pins, and the path has to be there: " + path.path());
            }
            before.ifPresent(old -> logChange(cache, old.path()));
            logChange(cache, path.path());
            audit.recordDone(AuditEvent.ofCache(
                    cache, Action.MAINTAIN, "pin " + name + " " + path.path().baseName()));
            return new PinResult(pins.find(cache.id(), name).orElseThrow(), before.isEmpty());
        });
    }

    private static void check(String name, PinParams params) {
        if (!NAME.matcher(name).matches()) {
            throw Problem.malformed(
                    "name", name, "use at most 100 letters, digits and ._+-, beginning with a letter or digit.");
        }
        var reason = params.reason().strip();
        if (reason.length() > MAX_REASON_LENGTH || reason.chars().anyMatch(Character::isISOControl)) {
            throw Problem.malformed("reason", reason, "use one line of at most " + MAX_REASON_LENGTH + " characters.");
        }
        params.until().filter(time -> !time.isAfter(Instant.now())).ifPresent(time -> {
            throw Problem.malformed("until", time.toString(), "use a time in the future.");
        });
    }

    private PathInfo find(Cache cache, String given) {
        var text = given.strip();
        var base = text.startsWith(PREFIX) ? text.substring(PREFIX.length()) : text;
        var hash = StorePath.isHash(base) ? base : parsePath(base).hash();
        return paths.find(cache.id(), hash)
                .filter(path -> base.equals(hash) || base.equals(path.path().baseName()))
                .orElseThrow(() -> Problem.notFound("store path", base));
    }

    private static StorePath parsePath(String base) {
        try {
            return StorePath.parseBaseName(base);
        } catch (ProblemException e) {
            throw Problem.malformed("path", base, "enter a store path or its hash part.");
        }
    }

    /** Requires a complete closure, so that clients can always fetch a pinned path with everything it references. */
    private void requireComplete(Cache cache, PathInfo path) {
        Closure closure = paths.closure(cache.id(), path.path().hash(), MAX_CLOSURE_SIZE);
        var missing = closure.missing();
        if (!missing.isEmpty()) {
            throw Problem.conflict(
                    "Incomplete closure",
                    path.path() + " needs " + missing.size() + (missing.size() == 1 ? " path" : " paths")
                            + " that this cache does not have: "
                            + missing.stream().limit(NAMED).collect(Collectors.joining(", "))
                            + (missing.size() > NAMED ? " …" : ""));
        }
    }

    /**
     * Removes a pin.
     *
     * @throws dev.narthex.problem.ProblemException NotFound
     */
    public void remove(String cacheName, String name) {
        var cache = access.require(Action.MAINTAIN, cacheName);
        QuarkusTransaction.requiringNew().run(() -> {
            var pin = require(cache, name);
            pins.remove(cache.id(), name);
            logChange(cache, pin.path());
            audit.recordDone(AuditEvent.ofCache(
                    cache, Action.MAINTAIN, "unpin " + name + " " + pin.path().baseName()));
        });
    }

    public Pin get(String cacheName, String name) {
        return require(access.require(Action.READ, cacheName), name);
    }

    private Pin require(Cache cache, String name) {
        return pins.find(cache.id(), name).orElseThrow(() -> Problem.notFound("pin", name));
    }

    /**
     * Lists pins ordered by name.
     *
     * @param after last name of the page before; empty for the first page
     */
    public List<Pin> list(String cacheName, String after, int limit) {
        return pins.list(access.require(Action.READ, cacheName).id(), after, limit);
    }

    private void logChange(Cache cache, StorePath path) {
        changes.append(cache.id(), PATH, Optional.empty(), Optional.empty(), Optional.of(path.hash()));
    }
}
