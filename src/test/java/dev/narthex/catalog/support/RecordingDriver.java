package dev.narthex.catalog.support;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.DriverPropertyInfo;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;
import java.util.logging.Logger;

/**
 * The JDBC driver of the database, which records the statements of one thread, or of all threads that serve requests. Tests are
 * configured to use it. Statements of the change log are not recorded, because concurrent requests share them.
 */
public class RecordingDriver implements java.sql.Driver {
    private static final AtomicReference<Queue<String>> REQUESTS = new AtomicReference<>();

    private static final String CHANGE_LOG = "change_head";

    private static final ThreadLocal<List<String>> HEARD = new ThreadLocal<>();

    private final java.sql.Driver driver = new org.postgresql.Driver();

    /** Whether this thread serves a request, or processes a file of one. */
    public static boolean answersRequest() {
        var name = Thread.currentThread().getName();
        return name.startsWith("quarkus-virtual-thread-")
                || name.startsWith("executor-thread")
                || name.equals("storing");
    }

    /** Returns the statements of HTTP requests during the call, in order. */
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

    public static List<String> of(Runnable act) {
        var heard = new ArrayList<String>();
        HEARD.set(heard);
        try {
            act.run();
        } finally {
            HEARD.remove();
        }
        return heard;
    }

    private static void hear(String sql) {
        if (sql.contains(CHANGE_LOG)) {
            return;
        }
        var heard = HEARD.get();
        if (heard != null) {
            heard.add(sql);
        }
        var requests = REQUESTS.get();
        if (requests != null && answersRequest()) {
            requests.add(sql);
        }
    }

    @Override
    public Connection connect(String url, Properties properties) throws SQLException {
        var connection = driver.connect(url, properties);
        return connection == null ? null : hearing(connection);
    }

    private static Connection hearing(Connection connection) {
        return (Connection) Proxy.newProxyInstance(
                RecordingDriver.class.getClassLoader(),
                new Class<?>[] {Connection.class},
                (proxy, method, arguments) -> {
                    if (method.getName().equals("prepareStatement")) {
                        hear((String) arguments[0]);
                    }
                    try {
                        return method.invoke(connection, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    @Override
    public boolean acceptsURL(String url) throws SQLException {
        return driver.acceptsURL(url);
    }

    @Override
    public DriverPropertyInfo[] getPropertyInfo(String url, Properties properties) throws SQLException {
        return driver.getPropertyInfo(url, properties);
    }

    @Override
    public int getMajorVersion() {
        return driver.getMajorVersion();
    }

    @Override
    public int getMinorVersion() {
        return driver.getMinorVersion();
    }

    @Override
    public boolean jdbcCompliant() {
        return driver.jdbcCompliant();
    }

    @Override
    public Logger getParentLogger() {
        return Logger.getLogger("org.postgresql");
    }
}
