package dev.narthex.admin;

import dev.narthex.access.Access;
import dev.narthex.access.Tokens;
import dev.narthex.admin.PeopleListing.CacheRole;
import dev.narthex.admin.PeopleListing.ListedPerson;
import dev.narthex.db.Database;
import dev.narthex.db.Row;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Lists everyone who has signed in, for instance admins; two statements per page. */
@ApplicationScoped
public class AdminPeople {
    private static final int PAGE_SIZE = 50;
    private static final int MAX_CACHES = 5;

    private static final String MATCHES_TEXT =
            "(:text = '' or position(:text in lower(p.name || ' ' || coalesce(p.email, ''))) > 0)";

    private static final String PEOPLE = """
            select p.id, p.name, p.email, p.issuer, p.admin, p.seen_at,
              (select count(*) from token t where t.person_id = p.id and t.revoked_at is null
                and (t.expires_at is null or t.expires_at > now())) as tokens,
              (select count(distinct m.cache_id) from membership m join cache c on c.id = m.cache_id and c.deleted_at is null
                where m.person_id = p.id or m.group_name = any(p.groups)) as caches,
              b.names, b.roles
            from person p cross join lateral (
              select array_agg(c.name order by c.name collate "C") as names, array_agg(c.role order by c.name collate "C") as roles
              from (select distinct on (c.name collate "C") c.name, m.role
                from membership m join cache c on c.id = m.cache_id and c.deleted_at is null
                where m.person_id = p.id or m.group_name = any(p.groups)
                order by c.name collate "C", array_position(array['owner', 'maintainer', 'publisher', 'reader'], m.role)
                limit :caches) c) b
            where %s order by p.seen_at desc, p.id desc limit :limit offset :after""".formatted(MATCHES_TEXT);

    private final Database sql;
    private final Access access;
    private final Tokens tokens;

    AdminPeople(Database sql, Access access, Tokens tokens) {
        this.sql = sql;
        this.access = access;
        this.tokens = tokens;
    }

    /**
     * Lists people, the most recently seen first.
     *
     * @param text part of the name or email address, case-insensitive; empty for all
     * @param offset number of people to skip
     */
    public PeopleListing list(String text, int offset) {
        access.requireAdmin();
        var lowerCaseText = Database.toPostgresText(text).toLowerCase(Locale.ROOT);
        var total = sql.statement("select count(*) as n from person p where " + MATCHES_TEXT)
                .bind("text", lowerCaseText)
                .first()
                .orElseThrow()
                .longValue("n");
        var rows = sql.statement(PEOPLE)
                .bind("text", lowerCaseText)
                .bind("caches", MAX_CACHES)
                .bind("limit", PAGE_SIZE)
                .bind("after", Math.max(0, offset))
                .list();
        return new PeopleListing(
                total,
                rows.stream().map(AdminPeople::toLine).toList(),
                total > offset + rows.size() && !rows.isEmpty() ? Optional.of(offset + rows.size()) : Optional.empty());
    }

    private static ListedPerson toLine(Row row) {
        var caches = caches(row);
        return new ListedPerson(
                row.longValue("id"),
                row.string("name"),
                row.optionalString("email"),
                row.string("issuer"),
                row.bool("admin"),
                row.instant("seen_at"),
                caches,
                row.longValue("caches") - caches.size(),
                row.longValue("tokens"));
    }

    private static List<CacheRole> caches(Row row) {
        if (row.longValue("caches") == 0) {
            return List.of();
        }
        var names = row.strings("names");
        var roles = row.strings("roles");
        var caches = new ArrayList<CacheRole>();
        for (int i = 0; i < names.size(); i++) {
            caches.add(new CacheRole(names.get(i), roles.get(i)));
        }
        return caches;
    }

    /**
     * Revokes all tokens of a person, effective immediately. It does not affect sign-in, which the identity provider and the
     * person's roles in caches decide.
     *
     * @return number of tokens that were still valid
     * @throws dev.narthex.problem.ProblemException NotFound if the person does not exist
     */
    public int revokeTokens(long person) {
        access.requireAdmin();
        return tokens.revokeAll(person);
    }
}
