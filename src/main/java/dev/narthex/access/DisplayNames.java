package dev.narthex.access;

import dev.narthex.db.Database;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Converts between people and their display names, for registry clients that know no ids. The display name is the name from the
 * identity provider; the id is appended ({@code anna#12}) if the name alone is ambiguous. Some providers let people choose their
 * name, so it may equal another person's name or address, or imitate a display name. The id keeps a role from being given to the
 * wrong person.
 */
@ApplicationScoped
public class DisplayNames {
    /**
     * SQL expression for the display name of the person row {@code p}. It is unique, and never equal to the verified email address
     * of another person.
     */
    static final String CALLED = """
            case when p.name ~ '^group |#[0-9]+$'
                or exists (select from person o where o.name = p.name and o.id <> p.id)
                or exists (select from person o where o.email = p.name and o.id <> p.id)
              then p.name || '#' || p.id else p.name end""";

    private static final String GROUP = "group ";
    private static final Pattern NUMBERED = Pattern.compile(".*#([1-9]\\d{0,17})", Pattern.DOTALL);

    private final Database sql;

    DisplayNames(Database sql) {
        this.sql = sql;
    }

    /** Returns the display names in the order of the ids. Unknown ids are skipped. */
    public List<String> of(List<Long> ids) {
        return ids.isEmpty()
                ? List.of()
                : sql.statement("""
                        select %s as called from unnest(cast(:ids as bigint[])) with ordinality i (id, ord)
                        join person p on p.id = i.id order by i.ord""".formatted(CALLED))
                        .bind("ids", ids.toArray(Long[]::new))
                        .list(row -> row.string("called"));
    }

    /** Finds a person by display name. Email addresses are not accepted, since the result would reveal whether they are known. */
    public Optional<Long> find(String called) {
        if (!isText(called)) {
            return Optional.empty();
        }
        var numbered = NUMBERED.matcher(called);
        long id = numbered.matches() ? Long.parseLong(numbered.group(1)) : 0;
        return sql.statement("""
                        select p.id from person p where p.id = :id and p.name || '#' || p.id = :called
                        union all select p.id from person p where p.name = :called and %s = :called""".formatted(CALLED))
                .bind("called", called)
                .bind("id", id)
                .first()
                .map(row -> row.longValue("id"));
    }

    /**
     * Returns whether a name has the form of a generated display name ({@code group …} or {@code …#12}). Names of this form must
     * not be looked up in any other way.
     */
    static boolean isMadeUp(String name) {
        return name.startsWith(GROUP) || NUMBERED.matcher(name).matches();
    }

    /** Returns whether PostgreSQL can store this text; otherwise nobody has this name. */
    static boolean isText(String name) {
        return name.codePoints().noneMatch(c -> c == 0 || Character.getType(c) == Character.SURROGATE);
    }

    /** Returns the verified email address of a person. Show it only to that person. */
    Optional<String> email(long id) {
        return sql.statement("select email from person where id = :id")
                .bind("id", id)
                .first()
                .flatMap(row -> row.optionalString("email"));
    }
}
