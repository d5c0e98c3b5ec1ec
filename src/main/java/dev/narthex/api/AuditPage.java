package dev.narthex.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.narthex.access.AuditQuery;
import dev.narthex.access.AuditQuery.Entry;
import dev.narthex.access.AuditQuery.Filter;
import dev.narthex.problem.Problem;
import jakarta.ws.rs.core.MultivaluedMap;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jboss.resteasy.reactive.RestResponse;

/**
 * A page of the audit log as JSON, newest entry first.
 *
 * @param before value of the parameter {@code before} that requests the next page; absent on the last page
 */
@JsonInclude(JsonInclude.Include.NON_ABSENT)
record AuditPage(List<Entry> entries, Optional<Long> before) {
    private static final int SIZE = 100;
    private static final Set<String> PARAMETERS = Set.of("actor", "action", "allowed", "since", "until", "before");

    /** @throws dev.narthex.problem.ProblemException Malformed, naming the parameter */
    static Filter filter(MultivaluedMap<String, String> parameters, Optional<Long> cacheId) {
        for (var name : parameters.keySet()) {
            if (!PARAMETERS.contains(name)) {
                throw malformed(name, "", "the audit is narrowed by actor, action, allowed, since, until and before.");
            }
        }
        return new Filter(
                cacheId,
                Optional.empty(),
                Optional.ofNullable(parameters.getFirst("actor")),
                Optional.ofNullable(parameters.getFirst("action")),
                read(parameters, "allowed", AuditPage::bool, "use true or false."),
                read(parameters, "since", AuditPage::time, "use a time such as 2026-01-31T12:00:00Z."),
                read(parameters, "until", AuditPage::time, "use a time such as 2026-01-31T12:00:00Z."),
                read(parameters, "before", AuditPage::number, "use the number returned with the previous page."),
                Optional.empty());
    }

    static RestResponse<AuditPage> respond(AuditQuery entries, Filter filter) {
        var found = entries.list(filter, SIZE + 1);
        var page = found.stream().limit(SIZE).toList();
        var next = found.size() > SIZE ? Optional.of(page.getLast().id()) : Optional.<Long>empty();
        return RestResponse.ResponseBuilder.ok(new AuditPage(page, next))
                .header("Cache-Control", "no-store")
                .build();
    }

    private static <T> Optional<T> read(
            MultivaluedMap<String, String> parameters, String name, Function<String, Optional<T>> parse, String hint) {
        return Optional.ofNullable(parameters.getFirst(name))
                .map(text -> parse.apply(text).orElseThrow(() -> malformed(name, text, hint)));
    }

    private static Optional<Boolean> bool(String text) {
        return switch (text) {
            case "true" -> Optional.of(true);
            case "false" -> Optional.of(false);
            case String other -> Optional.empty();
        };
    }

    /** Parses a time; only years of four digits, since PostgreSQL does not store all years of {@link Instant}. */
    private static Optional<Instant> time(String text) {
        try {
            return Optional.of(text).filter(given -> given.matches("\\d{4}-.*")).map(Instant::parse);
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    private static Optional<Long> number(String text) {
        return text.matches("\\d{1,18}") ? Optional.of(Long.valueOf(text)) : Optional.empty();
    }

    private static RuntimeException malformed(String name, String given, String hint) {
        return Problem.malformed(name, given, hint);
    }
}
