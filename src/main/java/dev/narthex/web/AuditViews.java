package dev.narthex.web;

import dev.narthex.access.Action;
import dev.narthex.access.AuditEntries;
import dev.narthex.access.AuditEntries.Entry;
import dev.narthex.nix.StorePath;
import dev.narthex.spi.Cache;
import dev.narthex.web.view.AuditView;
import dev.narthex.web.view.AuditView.Day;
import dev.narthex.web.view.AuditView.Event;
import dev.narthex.web.view.AuditView.Group;
import dev.narthex.web.view.AuditView.Link;
import dev.narthex.web.view.Urls;
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
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Makes what the audit's page of a cache shows, from one read of its entries. */
@ApplicationScoped
class AuditViews {
    private static final int SIZE = 50;
    private static final Pattern PATH_BASE = Pattern.compile("([0-9a-df-np-sv-z]{32})-\\S+");
    private static final Pattern NUMBERED = Pattern.compile("(person|token):\\d+:(.*)", Pattern.DOTALL);

    private static final Map<String, String> DAYS = ordered("1", "Last day", "7", "Last 7 days", "30", "Last 30 days");
    private static final Map<String, String> RESULTS = ordered("done", "Done", "refused", "Refused");

    private static final List<Action> ACTIONS =
            List.of(Action.PUSH, Action.PUBLISH, Action.MAINTAIN, Action.CONFIGURE, Action.CREATE, Action.DESTROY);

    private final AuditEntries entries;

    AuditViews(AuditEntries entries) {
        this.entries = entries;
    }

    private static Map<String, String> ordered(String... pairs) {
        var all = new LinkedHashMap<String, String>();
        for (int i = 0; i < pairs.length; i += 2) {
            all.put(pairs[i], pairs[i + 1]);
        }
        return all;
    }

    AuditView of(Cache cache, AuditAddress address) {
        var filter = address.filter(cache.id(), Instant.now());
        var found = entries.list(filter, SIZE + 1);
        boolean more = found.size() > SIZE;
        boolean forward = filter.after().isPresent();
        // one more than is shown tells whether there is another page; read forward, it is the newest
        var shown = more ? (forward ? found.subList(1, found.size()) : found.subList(0, SIZE)) : found;
        boolean newer = forward ? more : address.before().isPresent();
        boolean older = forward || more;
        return new AuditView(
                cache.name(),
                groups(address, shown),
                chosen(address),
                days(cache, shown, address),
                end(newer && !shown.isEmpty(), () -> address.with("after", id(shown.getFirst()))),
                end(older && !shown.isEmpty(), () -> address.with("before", id(shown.getLast()))),
                address.with("format", "csv"));
    }

    private static Optional<String> end(boolean there, Supplier<String> url) {
        return there ? Optional.of(url.get()) : Optional.empty();
    }

    private static String id(Entry entry) {
        return Long.toString(entry.id());
    }

    /** By whom is offered of those on the page: to know all would take another read. */
    private static List<Group> groups(AuditAddress address, List<Entry> shown) {
        var people = new LinkedHashMap<String, String>();
        Optional.ofNullable(address.filters().get(AuditAddress.WHO)).ifPresent(who -> people.put(who, name(who)));
        shown.forEach(entry -> people.put(entry.actor(), name(entry.actor())));
        var actions = ACTIONS.stream()
                .collect(Collectors.toMap(Action::toString, AuditViews::words, (a, b) -> a, LinkedHashMap::new));
        return Stream.of(
                        group("Time", AuditAddress.DAYS, DAYS, address),
                        group("Result", AuditAddress.RESULT, RESULTS, address),
                        group("What", AuditAddress.ACT, actions, address),
                        group("Who", AuditAddress.WHO, people, address))
                .filter(group -> !group.links().isEmpty())
                .toList();
    }

    private static Group group(String title, String parameter, Map<String, String> values, AuditAddress address) {
        return new Group(
                title,
                values.entrySet().stream()
                        .map(one -> {
                            boolean used = address.has(parameter, one.getKey());
                            var url = used ? address.without(parameter) : address.with(parameter, one.getKey());
                            return new Link(one.getValue(), url, used);
                        })
                        .toList());
    }

    private static List<Link> chosen(AuditAddress address) {
        return address.filters().entrySet().stream()
                .map(one -> new Link(text(one.getKey(), one.getValue()), address.without(one.getKey()), true))
                .toList();
    }

    private static String text(String parameter, String value) {
        return switch (parameter) {
            case AuditAddress.DAYS -> DAYS.getOrDefault(value, "Last " + value + " days");
            case AuditAddress.RESULT -> RESULTS.getOrDefault(value, value);
            case AuditAddress.ACT ->
                ACTIONS.stream()
                        .filter(action -> action.toString().equals(value))
                        .findFirst()
                        .map(AuditViews::words)
                        .orElse(value);
            case String other -> name(value);
        };
    }

    private static String words(Action action) {
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

    private static List<Day> days(Cache cache, List<Entry> shown, AuditAddress address) {
        var days = new LinkedHashMap<LocalDate, ArrayList<Event>>();
        for (var entry : shown) {
            days.computeIfAbsent(LocalDate.ofInstant(entry.at(), ZoneOffset.UTC), day -> new ArrayList<>())
                    .add(event(cache, entry, address));
        }
        return days.entrySet().stream()
                .map(day -> new Day(day.getKey(), List.copyOf(day.getValue())))
                .toList();
    }

    private static Event event(Cache cache, Entry entry, AuditAddress address) {
        var base = entry.object().replaceFirst("^" + StorePath.STORE_DIR + "/", "");
        var path = PATH_BASE.matcher(base);
        return new Event(
                entry.id(),
                entry.at(),
                entry.action(),
                entry.object(),
                path.matches() && entry.allowed()
                        ? Optional.of(Urls.storePath(cache.name(), path.group(1)))
                        : Optional.empty(),
                entry.allowed(),
                name(entry.actor()),
                address.with(AuditAddress.WHO, entry.actor()),
                how(entry),
                entry.address());
    }

    /** Without the number, which is for programs. */
    private static String name(String principal) {
        var numbered = NUMBERED.matcher(principal);
        return numbered.matches() ? numbered.group(2) : principal;
    }

    private static String how(Entry entry) {
        return switch (entry.via()) {
            case "session" -> "signed in";
            case "nothing" -> "no credential";
            case "narthex" -> "by itself";
            case String via when via.startsWith("token:") -> via.equals(entry.actor()) ? "token" : "token " + name(via);
            case String other -> other;
        };
    }
}
