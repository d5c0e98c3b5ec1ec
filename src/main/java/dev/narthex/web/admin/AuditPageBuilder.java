package dev.narthex.web.admin;

import dev.narthex.access.Action;
import dev.narthex.access.AuditQuery;
import dev.narthex.access.AuditQuery.Entry;
import dev.narthex.spi.Cache;
import dev.narthex.web.view.AuditView;
import dev.narthex.web.view.AuditView.Day;
import dev.narthex.web.view.AuditView.Event;
import dev.narthex.web.view.AuditView.Group;
import dev.narthex.web.view.AuditView.Link;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Builds the audit log page of a cache or of the whole instance, with a single query. */
@ApplicationScoped
public class AuditPageBuilder {
    private static final int SIZE = 50;
    private static final Pattern NUMBERED = Pattern.compile("(person|token):\\d+:(.*)", Pattern.DOTALL);

    private static final Map<String, String> DAYS = ordered("1", "Last day", "7", "Last 7 days", "30", "Last 30 days");
    private static final Map<String, String> RESULTS = ordered("done", "Done", "refused", "Refused");

    private static final List<Action> ACTIONS =
            List.of(Action.PUSH, Action.PUBLISH, Action.MAINTAIN, Action.CONFIGURE, Action.CREATE, Action.DESTROY);

    /** Actions that concern the instance rather than a cache. */
    private static final Map<String, String> OF_THE_INSTANCE = ordered(
            "create", "Make caches",
            "free name", "Free names of caches",
            "create token", "Make tokens",
            "revoke token", "Revoke tokens",
            "retry job", "Run jobs",
            "remove job", "Remove jobs",
            "rebuild index", "Rebuild the search index");

    private final AuditQuery auditQuery;

    AuditPageBuilder(AuditQuery auditQuery) {
        this.auditQuery = auditQuery;
    }

    private static Map<String, String> ordered(String... pairs) {
        var all = new LinkedHashMap<String, String>();
        for (int i = 0; i < pairs.length; i += 2) {
            all.put(pairs[i], pairs[i + 1]);
        }
        return all;
    }

    /** @param cache absent for the whole instance */
    public AuditView of(Optional<Cache> cache, AuditAddress address) {
        var filter = address.filter(cache.map(Cache::id), Instant.now());
        var found = auditQuery.list(filter, SIZE + 1);
        boolean more = found.size() > SIZE;
        boolean forward = filter.after().isPresent();
        // one extra entry is read to find out whether there is another page; when paging forward, it is the newest
        var page = more ? (forward ? found.subList(1, found.size()) : found.subList(0, SIZE)) : found;
        boolean newer = forward ? more : address.before().isPresent();
        boolean older = forward || more;
        return new AuditView(
                address.page(),
                groups(cache.isEmpty(), address, page),
                filterLinks(cache.isEmpty(), address),
                days(cache, page, address),
                end(newer && !page.isEmpty(), () -> address.with("after", id(page.getFirst()))),
                end(older && !page.isEmpty(), () -> address.with("before", id(page.getLast()))),
                address.with("format", "csv"));
    }

    private static Optional<String> end(boolean there, Supplier<String> url) {
        return there ? Optional.of(url.get()) : Optional.empty();
    }

    private static String id(Entry entry) {
        return Long.toString(entry.id());
    }

    /** Returns the filter groups. Only people and caches on this page are offered, because listing all would need another query. */
    private static List<Group> groups(boolean whole, AuditAddress address, List<Entry> entries) {
        var people = new LinkedHashMap<String, String>();
        Optional.ofNullable(address.filters().get(AuditAddress.WHO)).ifPresent(who -> people.put(who, name(who)));
        entries.forEach(entry -> people.put(entry.actor(), name(entry.actor())));
        var caches = new LinkedHashMap<String, String>();
        if (whole) {
            Optional.ofNullable(address.filters().get(AuditAddress.CACHE))
                    .ifPresent(name -> caches.put(name, cacheName(name)));
            entries.forEach(entry -> entry.cache().ifPresent(name -> caches.put(name, name)));
            caches.put(AuditAddress.NO_CACHE, cacheName(AuditAddress.NO_CACHE));
        }
        return Stream.of(
                        group("Time", AuditAddress.DAYS, DAYS, address),
                        group("Result", AuditAddress.RESULT, RESULTS, address),
                        group("Cache", AuditAddress.CACHE, caches, address),
                        group("What", AuditAddress.ACT, acts(whole), address),
                        group("Who", AuditAddress.WHO, people, address))
                .filter(group -> !group.links().isEmpty())
                .toList();
    }

    private static Group group(String title, String parameter, Map<String, String> values, AuditAddress address) {
        return new Group(
                title,
                values.entrySet().stream()
                        .map(entry -> {
                            boolean used = address.has(parameter, entry.getKey());
                            var url = used ? address.without(parameter) : address.with(parameter, entry.getKey());
                            return new Link(entry.getValue(), url, used);
                        })
                        .toList());
    }

    private static String cacheName(String value) {
        return value.equals(AuditAddress.NO_CACHE) ? "No cache" : value;
    }

    private static Map<String, String> acts(boolean whole) {
        var all = new LinkedHashMap<String, String>();
        ACTIONS.forEach(action -> all.put(action.toString(), describe(action)));
        if (whole) {
            all.putAll(OF_THE_INSTANCE);
        }
        return all;
    }

    private static List<Link> filterLinks(boolean whole, AuditAddress address) {
        return address.filters().entrySet().stream()
                .map(entry ->
                        new Link(text(whole, entry.getKey(), entry.getValue()), address.without(entry.getKey()), true))
                .toList();
    }

    private static String text(boolean whole, String parameter, String value) {
        return switch (parameter) {
            case AuditAddress.DAYS -> DAYS.getOrDefault(value, "Last " + value + " days");
            case AuditAddress.RESULT -> RESULTS.getOrDefault(value, value);
            case AuditAddress.ACT -> acts(whole).getOrDefault(value, value);
            case AuditAddress.CACHE -> cacheName(value);
            case String other -> name(value);
        };
    }

    private static String describe(Action action) {
        return switch (action) {
            case READ, PULL -> "Read";
            case PUSH -> "Push paths";
            case PUBLISH -> "Publish packages";
            case MAINTAIN -> "Maintain packages";
            case CONFIGURE -> "Settings, members, keys";
            case CREATE -> "Make the cache";
            case DESTROY -> "Delete or bring back";
        };
    }

    private static List<Day> days(Optional<Cache> cache, List<Entry> entries, AuditAddress address) {
        var days = new LinkedHashMap<LocalDate, ArrayList<Event>>();
        for (var entry : entries) {
            days.computeIfAbsent(LocalDate.ofInstant(entry.at(), ZoneOffset.UTC), day -> new ArrayList<>())
                    .add(event(cache, entry, address));
        }
        return days.entrySet().stream()
                .map(day -> new Day(day.getKey(), List.copyOf(day.getValue())))
                .toList();
    }

    private static Event event(Optional<Cache> cache, Entry entry, AuditAddress address) {
        var path = StoredObject.of(entry.object()).filter(object -> entry.allowed());
        return new Event(
                entry.id(),
                entry.at(),
                entry.action(),
                entry.object(),
                cache.map(Cache::name).or(entry::cache).flatMap(name -> path.map(object -> object.url(name))),
                entry.cache()
                        .filter(name -> cache.isEmpty())
                        .map(name -> new Link(name, address.with(AuditAddress.CACHE, name), false)),
                entry.allowed(),
                name(entry.actor()),
                address.with(AuditAddress.WHO, entry.actor()),
                credentialText(entry),
                entry.address());
    }

    /** Returns the principal without its number, which only programs need. */
    private static String name(String principal) {
        var numbered = NUMBERED.matcher(principal);
        return numbered.matches() ? numbered.group(2) : principal;
    }

    private static String credentialText(Entry entry) {
        return switch (entry.via()) {
            case "session" -> "signed in";
            case "nothing" -> "no credential";
            case "narthex" -> "by itself";
            case String via when via.startsWith("token:") -> via.equals(entry.actor()) ? "token" : "token " + name(via);
            case String other -> other;
        };
    }
}
