package dev.narthex.catalog;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.context.control.ActivateRequestContext;
import jakarta.persistence.EntityManager;
import jakarta.persistence.Query;
import jakarta.persistence.Tuple;
import java.util.List;
import java.util.Map;
import java.util.Optional;

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
        parameters.forEach(query::setParameter);
        return query;
    }

    /** For a pattern of LIKE: the text itself, with nothing in it that matches anything else. */
    static String literally(String text) {
        return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_");
    }

    /** PostgreSQL keeps no U+0000 in text. */
    static String withoutNul(String text) {
        return text.replace("\0", "");
    }
}
