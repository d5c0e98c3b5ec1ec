package dev.narthex.catalog;

import dev.narthex.nix.ByteText;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.context.control.ActivateRequestContext;
import jakarta.persistence.EntityManager;
import jakarta.persistence.Query;
import jakarta.persistence.Tuple;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Native queries with named parameters. A {@code char(32)} column must be compared with {@code cast(:x as char(32))}: the
 * driver sends text, for which PostgreSQL would cast the column and pass by its index.
 */
@ApplicationScoped
class Sql {
    private final EntityManager em;

    Sql(EntityManager em) {
        this.em = em;
    }

    /** Works in a request, in a transaction, and in a job that has neither. */
    @ActivateRequestContext
    List<Row> rows(String sql, Map<String, Object> parameters) {
        @SuppressWarnings("unchecked")
        List<Tuple> tuples =
                bind(em.createNativeQuery(sql, Tuple.class), parameters).getResultList();
        return tuples.stream().map(Row::new).toList();
    }

    Optional<Row> first(String sql, Map<String, Object> parameters) {
        return rows(sql, parameters).stream().findFirst();
    }

    /** Returns the number of rows changed. */
    @ActivateRequestContext
    int change(String sql, Map<String, Object> parameters) {
        return bind(em.createNativeQuery(sql), parameters).executeUpdate();
    }

    private static Query bind(Query query, Map<String, Object> parameters) {
        parameters.forEach((name, value) -> query.setParameter(name, bound(value)));
        return query;
    }

    private static Object bound(Object value) {
        if (value instanceof String text) {
            return storable(text);
        }
        return value instanceof String[] texts
                ? Stream.of(texts).map(Sql::storable).toArray(String[]::new)
                : value;
    }

    /** For a pattern of LIKE: the text itself, with nothing in it that matches anything else. */
    static String literally(String text) {
        return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_");
    }

    /**
     * The text as PostgreSQL gives it back: it keeps neither U+0000 nor surrogates that stand alone, as in names that were no
     * UTF-8. Parameters of queries go through this; texts that are compared with rows must, too.
     */
    static String storable(String text) {
        boolean odd = text.chars().anyMatch(c -> c == 0 || Character.isSurrogate((char) c));
        return odd ? ByteText.shown(text.replace("\0", "")) : text;
    }
}
