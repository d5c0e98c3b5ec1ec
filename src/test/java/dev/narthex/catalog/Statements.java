package dev.narthex.catalog;

import io.quarkus.hibernate.orm.PersistenceUnitExtension;
import java.util.ArrayList;
import java.util.List;
import org.hibernate.resource.jdbc.spi.StatementInspector;

/** Hears the statements that go to the database from this thread; the change log, which is written by plain JDBC, not. */
@PersistenceUnitExtension
public class Statements implements StatementInspector {
    private static final ThreadLocal<List<String>> HEARD = new ThreadLocal<>();

    @Override
    public String inspect(String sql) {
        var heard = HEARD.get();
        if (heard != null) {
            heard.add(sql);
        }
        return sql;
    }

    static List<String> of(Runnable act) {
        var heard = new ArrayList<String>();
        HEARD.set(heard);
        try {
            act.run();
        } finally {
            HEARD.remove();
        }
        return heard;
    }
}
