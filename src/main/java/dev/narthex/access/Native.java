package dev.narthex.access;

import jakarta.persistence.EntityManager;
import jakarta.persistence.Query;
import jakarta.persistence.Tuple;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Native queries with named parameters, for what is read and written past the entities. */
final class Native {
    private Native() {}

    static List<Tuple> rows(EntityManager em, String sql, Map<String, ?> parameters) {
        @SuppressWarnings("unchecked")
        List<Tuple> rows =
                bind(em.createNativeQuery(sql, Tuple.class), parameters).getResultList();
        return rows;
    }

    static Optional<Tuple> first(EntityManager em, String sql, Map<String, ?> parameters) {
        return rows(em, sql, parameters).stream().findFirst();
    }

    /** Returns the number of rows changed. */
    static int change(EntityManager em, String sql, Map<String, ?> parameters) {
        return bind(em.createNativeQuery(sql), parameters).executeUpdate();
    }

    private static Query bind(Query query, Map<String, ?> parameters) {
        parameters.forEach(query::setParameter);
        return query;
    }
}
