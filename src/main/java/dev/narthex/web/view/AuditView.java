package dev.narthex.web.view;

import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;

/**
 * Audit log entries of a cache or of the whole instance, newest first.
 *
 * @param page URL without filters
 * @param groups available filters, grouped by subject
 * @param chosen active filters; each links to the page without that filter
 * @param newer URL of the previous page, if there may be one
 * @param older URL of the next page, if there may be one
 * @param csv URL of the whole log as CSV
 */
public record AuditView(
        String page,
        List<Group> groups,
        List<Link> chosen,
        List<Day> days,
        Optional<String> newer,
        Optional<String> older,
        String csv) {
    /** @param title subject of the filters in this group */
    public record Group(String title, List<Link> links) {}

    /** @param used whether this filter is active; the URL then removes it */
    public record Link(String text, String url, boolean used) {}

    /** The entries of one day in UTC. */
    public record Day(LocalDate date, List<Event> events) {}

    /**
     * One entry of the audit log.
     *
     * @param page URL of the object's page, if the object is a store path
     * @param cache the affected cache, on the page of the whole instance; its URL filters by that cache
     * @param who display name of the principal, without its number
     * @param how the credential that was used
     * @param from client address; absent for actions that were not caused by a request
     */
    public record Event(
            long id,
            Instant at,
            String action,
            String object,
            Optional<String> page,
            Optional<Link> cache,
            boolean allowed,
            String who,
            String whoUrl,
            String how,
            Optional<String> from) {}
}
