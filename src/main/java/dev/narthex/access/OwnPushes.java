package dev.narthex.access;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.EntityManager;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** What the person who asks pushed or published lately, himself or with one of his tokens, as the audit has it. */
@ApplicationScoped
public class OwnPushes {
    private final EntityManager em;
    private final Access access;

    OwnPushes(EntityManager em, Access access) {
        this.em = em;
        this.access = access;
    }

    /** @param object the base name of a store path, or what else it was */
    public record Pushed(Instant at, String cache, String object) {}

    /** Newest first. */
    public List<Pushed> newest(int limit) {
        return access.requireKnown()
                .person()
                .map(person -> newest(person, limit))
                .orElse(List.of());
    }

    private List<Pushed> newest(Principal.Person person, int limit) {
        var parameters = Map.of(
                "actor",
                person.name(),
                "push",
                Action.PUSH.toString(),
                "publish",
                Action.PUBLISH.toString(),
                "limit",
                limit);
        return Native.rows(em, """
                        select at, coalesce(detail ->> 'cache', '') as cache, object from audit
                        where actor = :actor and action in (:push, :publish) and allowed
                        order by id desc limit :limit""", parameters).stream()
                .map(row -> new Pushed(
                        row.get("at", Instant.class), row.get("cache", String.class), row.get("object", String.class)))
                .toList();
    }
}
