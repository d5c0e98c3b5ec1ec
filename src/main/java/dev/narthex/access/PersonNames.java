package dev.narthex.access;

import dev.narthex.sql.Sql;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What people are called by clients that know no ids: by the name that the provider told, with the id behind it
 * ({@code anna#12}) where that alone could be taken for somebody else. Some providers let people choose their names, so
 * that one may be another's name or address, or look like what is made up here; nobody is given a role in such a
 * one's place.
 */
@ApplicationScoped
public class PersonNames {
    /** Of a person, whom the outer query calls p: of no two the same, and never the verified address of another. */
    static final String CALLED = """
            case when p.name ~ '^group |#[0-9]+$'
                or exists (select from person o where o.name = p.name and o.id <> p.id)
                or exists (select from person o where o.email = p.name and o.id <> p.id)
              then p.name || '#' || p.id else p.name end""";

    private static final String GROUP = "group ";
    private static final Pattern NUMBERED = Pattern.compile(".*#([1-9]\\d{0,17})", Pattern.DOTALL);

    private final Sql sql;

    PersonNames(Sql sql) {
        this.sql = sql;
    }

    /** Of those of these who are people, in the order of the ids. */
    public List<String> of(List<Long> ids) {
        return ids.isEmpty()
                ? List.of()
                : sql.rows("""
                        select %s as called from unnest(cast(:ids as bigint[])) with ordinality i (id, ord)
                        join person p on p.id = i.id order by i.ord""".formatted(CALLED), Map.of("ids", ids.toArray(Long[]::new))).stream()
                        .map(row -> row.text("called"))
                        .toList();
    }

    /**
     * The id of the one person who is called so. Addresses are no names: whoever asks might learn that they are known.
     */
    public Optional<Long> find(String called) {
        if (!isText(called)) {
            return Optional.empty();
        }
        var numbered = NUMBERED.matcher(called);
        long id = numbered.matches() ? Long.parseLong(numbered.group(1)) : 0;
        return sql.first("""
                        select p.id from person p where p.id = :id and p.name || '#' || p.id = :called
                        union all select p.id from person p where p.name = :called and %s = :called""".formatted(CALLED), Map.of("called", called, "id", id))
                .map(row -> row.number("id"));
    }

    /** Whether it looks like what is made up here: it is no name by which one is looked for otherwise. */
    static boolean isMadeUp(String name) {
        return name.startsWith(GROUP) || NUMBERED.matcher(name).matches();
    }

    /** Whether the database could hold it: nobody is called otherwise. */
    static boolean isText(String name) {
        return name.codePoints().noneMatch(c -> c == 0 || Character.getType(c) == Character.SURROGATE);
    }

    /** The address that the provider has verified; only he himself is told. */
    Optional<String> email(long id) {
        return sql.first("select email from person where id = :id", Map.of("id", id))
                .flatMap(row -> row.maybeText("email"));
    }
}
