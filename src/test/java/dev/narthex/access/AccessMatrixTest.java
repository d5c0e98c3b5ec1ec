package dev.narthex.access;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.TestDatabase;
import dev.narthex.access.support.PermissionOracle;
import dev.narthex.access.support.PermissionOracle.Kind;
import dev.narthex.access.support.RouteCase;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Requests every route of the list as every principal, for a public, a private, a deleted and an absent cache. Expected results
 * are computed by {@link PermissionOracle} from the action in the list. An invisible cache must answer exactly like an absent
 * one, and a refused request must not change any row.
 */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class AccessMatrixTest extends AccessMatrixSetup {
    private static final int AT_ONCE = 8;

    @TestHTTPResource("/")
    URI server;

    private record Told(int status, String headers, String body) {}

    /** A route, requested for a cache by a principal. */
    private record Case(RouteCase route, String cache, PermissionOracle asker) {
        @Override
        public String toString() {
            return asker.name() + ": " + route.method() + " " + route.at(cache);
        }
    }

    /** Stands for the response of an absent cache. */
    private static final int HIDDEN = 0;

    /** Returns the expected status codes. A missing part of a cache gives the same as a permitted request. */
    private static Set<Integer> expected(Case of) {
        var route = of.route();
        var asker = of.asker();
        var parts = route.action().split("\\+");
        boolean judged = switch (parts[0]) {
            case "none", "person" -> true;
            case "lists" -> asker.kind() != Kind.BAD;
            case "known" -> asker.valid();
            case "admin", "tokens", "shown-admin" -> asker.kind() == Kind.ADMINS;
            case "shown-maintain", "shown-configure" -> shown(parts[0].substring("shown-".length()), of);
            case "create" -> asker.mayCreate(route.ofCache() ? of.cache() : "main");
            default -> throughToCache(parts[0], of);
        };
        boolean known = parts.length > 1 && parts[1].equals("known");
        if (judged && known && !asker.valid()) {
            return Set.of(401);
        }
        if (judged && (parts.length == 1 || known || asker.kind() == Kind.ADMINS)) {
            return parts[0].equals("restore") && !DELETED.contains(of.cache()) ? Set.of(409) : route.then();
        }
        return Set.of(judged ? 403 : refusal(parts[0], of));
    }

    /** Whether the page is shown to the principal; pages of a deleted cache are shown to those who may restore it. */
    private static boolean shown(String action, Case of) {
        return here(of.cache()) && of.asker().may(DELETED.contains(of.cache()) ? "destroy" : action, of.cache(), false);
    }

    private static boolean throughToCache(String action, Case of) {
        boolean there = here(of.cache()) && (action.equals("restore") || !DELETED.contains(of.cache()));
        return there && of.asker().may(action.equals("restore") ? "destroy" : action, of.cache(), open(of));
    }

    private static boolean open(Case of) {
        return PUBLIC.contains(of.cache());
    }

    private static int refusal(String action, Case of) {
        var asker = of.asker();
        if (action.startsWith("shown-")) {
            return HIDDEN;
        }
        boolean ofCache = !Set.of("lists", "known", "admin", "tokens", "create").contains(action);
        boolean reads = action.equals("read") || action.equals("pull");
        boolean seen =
                ofCache && here(of.cache()) && asker.may(action.equals("pull") ? "pull" : "read", of.cache(), open(of));
        if (seen && DELETED.contains(of.cache()) && !action.equals("restore")) {
            return 410;
        }
        if (!asker.valid()) {
            return ofCache && !seen ? HIDDEN : 401;
        }
        if (ofCache) {
            return seen && !reads ? 403 : HIDDEN;
        }
        return 403;
    }

    @Test
    void everyPrincipalGetsTheExpectedStatusOnEveryRoute() throws Exception {
        var routes = RouteCase.all();
        var told = new ArrayList<String>();
        int cases = 0;
        int refused = 0;
        try (var client = HttpClient.newBuilder()
                        .version(HttpClient.Version.HTTP_1_1)
                        .followRedirects(HttpClient.Redirect.NEVER)
                        .build();
                var threads = Executors.newFixedThreadPool(AT_ONCE)) {
            for (var route : routes) {
                var asked = route.ofCache() ? CACHES : List.of(OPEN);
                var all = asked.stream()
                        .flatMap(cache -> askers.stream().map(asker -> new Case(route, cache, asker)))
                        .toList();
                var turnedAway = all.stream()
                        .filter(one -> !expected(one).equals(route.then()))
                        .toList();
                var before = rows();
                var absent = together(threads, askers, asker -> ask(client, new Case(route, ABSENT, asker)));
                told.addAll(compared(client, threads, turnedAway, absent));
                if (!turnedAway.isEmpty() && !route.method().equals("GET")) {
                    var after = rows();
                    if (!after.equals(before)) {
                        told.add(route.shown() + " changed rows though it was refused: " + changed(before, after));
                    }
                }
                var let = all.stream().filter(one -> !turnedAway.contains(one)).toList();
                if (route.undo().isEmpty()) {
                    told.addAll(compared(client, threads, let, absent));
                } else {
                    for (var one : let) {
                        told.addAll(compared(client, threads, List.of(one), absent));
                        undo(client, one);
                    }
                }
                cases += all.size();
                refused += turnedAway.size();
            }
        }
        System.out.println("matrix: " + routes.size() + " routes, " + cases + " cases, " + refused + " refused");
        assertTrue(told.isEmpty(), String.join("\n", told));
        assertTrue(refused > 1000, "most of them are refused");
    }

    private List<String> compared(
            HttpClient client, ExecutorService threads, List<Case> all, Map<PermissionOracle, Told> absent)
            throws Exception {
        var heard = together(threads, all, one -> ask(client, one));
        return heard.entrySet().stream()
                .flatMap(entry ->
                        difference(
                                entry.getKey(),
                                entry.getValue(),
                                absent.get(entry.getKey().asker()))
                                .stream())
                .toList();
    }

    /** Returns a description of the difference, or empty. */
    private static Optional<String> difference(Case of, Told told, Told absent) {
        var expected = expected(of);
        if (!expected.contains(HIDDEN)) {
            boolean part = told.status() == 404
                    && of.route().ofCache()
                    && of.route().aboutItsCache()
                    && !of.cache().equals(ABSENT)
                    && !Set.of("create", "admin").contains(of.route().action());
            return !expected.contains(told.status()) || (part && told.equals(absent))
                    ? Optional.of(of + " → " + told.status() + ", expected " + expected + ": "
                            + told.body().strip())
                    : Optional.empty();
        }
        int status = of.asker().valid() || of.route().page() ? 404 : 401;
        return told.status() != status || !told.equals(absent)
                ? Optional.of(
                        of + " → " + told + "\n   expected " + status + " and what the absent one says: " + absent)
                : Optional.empty();
    }

    private void undo(HttpClient client, Case of) {
        var undo =
                of.route().filled(of.route().undo().orElseThrow(), of.cache()).split(" ");
        ask(client, request(undo[0], undo[1], admin.token()).build(), of.cache());
    }

    private Told ask(HttpClient client, Case of) {
        var route = of.route();
        var request = request(route.method(), route.at(of.cache()), of.asker().token());
        route.headers().forEach((name, value) -> request.header(name, route.filled(value, of.cache())));
        if (route.page()) {
            request.header("Accept", "text/html");
        }
        if (!route.method().equals("GET")) {
            request.method(route.method(), BodyPublishers.ofString(route.filled(route.body(), of.cache())));
        }
        return ask(client, request.build(), of.cache());
    }

    private HttpRequest.Builder request(String method, String at, String token) {
        var request = HttpRequest.newBuilder(server.resolve(at)).method(method, BodyPublishers.noBody());
        return token.isEmpty() ? request : request.header("Authorization", "Bearer " + token);
    }

    private static Told ask(HttpClient client, HttpRequest request, String cache) {
        try {
            var answer = client.send(request, BodyHandlers.ofByteArray());
            var headers = new TreeMap<>(answer.headers().map());
            headers.remove("date");
            headers.remove("x-request-id");
            return new Told(
                    answer.statusCode(),
                    headers.toString().replace(cache, "CACHE"),
                    new String(answer.body(), StandardCharsets.ISO_8859_1).replace(cache, "CACHE"));
        } catch (IOException e) {
            throw new UncheckedIOException(request + "", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private interface Act<T> {
        Told of(T of) throws Exception;
    }

    private static <T> Map<T, Told> together(ExecutorService threads, List<T> all, Act<T> act) throws Exception {
        var calls = all.stream().<Callable<Told>>map(item -> () -> act.of(item)).toList();
        var results = threads.invokeAll(calls);
        var told = new LinkedHashMap<T, Told>();
        for (int i = 0; i < all.size(); i++) {
            try {
                told.put(all.get(i), results.get(i).get());
            } catch (ExecutionException e) {
                throw new IllegalStateException(all.get(i).toString(), e);
            }
        }
        return told;
    }

    /** Returns a checksum for each table about caches, people or tokens, over the rows of the caches of this test. */
    private Map<String, String> rows() {
        var ids = here.values().stream().map(cache -> Long.toString(cache.id())).collect(Collectors.joining(","));
        var domains = here.values().stream()
                .map(cache -> Long.toString(cache.domainId()))
                .collect(Collectors.joining(","));
        var sums = tables().stream()
                .map(table -> "select '" + table.name + "' || ' ' || count(*) || ' ' || coalesce(sum(hashtextextended("
                        + table.text + ", 0)), 0) from " + table.name + " t where "
                        + table.where.replace("IDS", ids).replace("DOMAINS", domains))
                .collect(Collectors.joining(" union all "));
        return people.column(sums).stream()
                .collect(Collectors.toMap(
                        row -> row.substring(0, row.indexOf(' ')),
                        row -> row.substring(row.indexOf(' ') + 1),
                        (a, b) -> a,
                        TreeMap::new));
    }

    private record Table(String name, String where, String text) {}

    /** Audit entries, download counts and the last use of tokens may change. */
    private List<Table> tables() {
        var ofCaches = people.column("""
                        select c.table_name || '/' || c.column_name from information_schema.columns c
                        join information_schema.tables t on t.table_name = c.table_name and t.table_schema = 'public'
                        where c.table_schema = 'public' and c.column_name in ('cache_id', 'domain_id')
                          and t.table_type = 'BASE TABLE' and c.table_name not in ('audit', 'cache') order by 1""").stream()
                .filter(name -> !name.startsWith("download"))
                .map(name -> name.split("/"))
                .map(name -> new Table(
                        name[0],
                        name[1]
                                + (name[1].equals("cache_id") ? " in (IDS)" : " in (DOMAINS)")
                                + (name[0].equals("change") ? " and kind <> 'downloads'" : ""),
                        "t::text"));
        return Stream.concat(
                        ofCaches,
                        Stream.of(
                                new Table("cache", "name like 'qmx-%'", "t::text"),
                                new Table("token", "true", "t.id::text || t.scope::text || (t.revoked_at is null)"),
                                new Table("person", "issuer = 'test'", "t::text")))
                .toList();
    }

    private static String changed(Map<String, String> before, Map<String, String> after) {
        return after.entrySet().stream()
                .filter(row -> !Objects.equals(before.get(row.getKey()), row.getValue()))
                .map(row -> row.getKey() + " " + before.get(row.getKey()) + " → " + row.getValue())
                .collect(Collectors.joining(", "));
    }
}
