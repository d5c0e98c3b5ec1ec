package dev.narthex.web.view;

import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;

/**
 * What was done and refused in a cache, or in the whole instance, newest first.
 *
 * @param page address without filters
 * @param groups filters by what they are about
 * @param chosen those in use, each with the address without it
 * @param newer address of the page before, if there may be one; as older
 * @param csv address of all of it as a table
 */
public record AuditView(
        String page,
        List<Group> groups,
        List<Link> chosen,
        List<Day> days,
        Optional<String> newer,
        Optional<String> older,
        String csv) {
    /** @param title what its filters are about */
    public record Group(String title, List<Link> links) {}

    /** @param used whether this filter is in use; then the address is the one without it */
    public record Link(String text, String url, boolean used) {}

    /** What happened on a day, by UTC. */
    public record Day(LocalDate date, List<Event> events) {}

    /**
     * @param page of the object, if it is a store path
     * @param cache that it is about, if the page is of the whole instance; the address leaves only those about it
     * @param who by whom, without his number
     * @param how by which credential
     * @param from address; absent for what no request did
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
