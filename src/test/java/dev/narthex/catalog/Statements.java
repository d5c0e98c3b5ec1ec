package dev.narthex.catalog;

import io.agroal.api.AgroalPoolInterceptor;
import io.quarkus.hibernate.orm.PersistenceUnitExtension;
import jakarta.inject.Singleton;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;
import org.hibernate.resource.jdbc.spi.StatementInspector;

/**
 * Hears the statements that go to the database: those of this thread, or those of all threads that answer requests. Of plain
 * JDBC it hears only that a request took a connection.
 */
@PersistenceUnitExtension
public class Statements implements StatementInspector {
    private static final AtomicReference<Queue<String>> REQUESTS = new AtomicReference<>();

    private static final ThreadLocal<List<String>> HEARD = new ThreadLocal<>();

    @Override
    public String inspect(String sql) {
        var heard = HEARD.get();
        if (heard != null) {
            heard.add(sql);
        }
        noteOfRequest(sql);
        return sql;
    }

    /** Heard apart, since hearing statements is for Hibernate only. */
    @Singleton
    static class Connections implements AgroalPoolInterceptor {
        @Override
        public void onConnectionAcquire(Connection connection) {
            noteOfRequest("connection");
        }
    }

    private static void noteOfRequest(String what) {
        var heard = REQUESTS.get();
        if (heard != null && answersRequest()) {
            heard.add(what);
        }
    }

    /** Whether this thread answers a request, or stores or enters a file that one sends. */
    public static boolean answersRequest() {
        var name = Thread.currentThread().getName();
        return name.startsWith("quarkus-virtual-thread-")
                || name.startsWith("executor-thread")
                || name.equals("storing");
    }

    /** What is said, in order, by requests over HTTP that are made meanwhile. */
    public static List<String> ofRequests(Runnable act) {
        var heard = new ConcurrentLinkedQueue<String>();
        REQUESTS.set(heard);
        try {
            act.run();
        } finally {
            REQUESTS.set(null);
        }
        return List.copyOf(heard);
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
