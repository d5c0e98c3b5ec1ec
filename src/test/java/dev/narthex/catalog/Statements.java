package dev.narthex.catalog;

import io.quarkus.hibernate.orm.PersistenceUnitExtension;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.hibernate.resource.jdbc.spi.StatementInspector;

/** Hears every statement that the session sends, and keeps those that this thread wants to know of. */
@PersistenceUnitExtension
public class Statements implements StatementInspector {
    private static final ThreadLocal<List<String>> HEARD = new ThreadLocal<>();

    @Override
    public String inspect(String sql) {
        if (HEARD.get() != null) {
            HEARD.get().add(sql);
        }
        return sql;
    }

    /** The statements that this read sends. */
    static List<String> of(Supplier<?> read) {
        HEARD.set(new ArrayList<>());
        try {
            read.get();
            return HEARD.get();
        } finally {
            HEARD.remove();
        }
    }
}
