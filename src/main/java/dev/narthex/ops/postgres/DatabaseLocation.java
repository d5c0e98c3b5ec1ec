package dev.narthex.ops.postgres;

import java.util.Locale;
import java.util.Optional;

/** The location and credentials of a PostgreSQL database. */
public record DatabaseLocation(String jdbcUrl, String user, String password) {
    private static final String URL = "quarkus.datasource.jdbc.url";
    private static final String USER = "quarkus.datasource.username";
    private static final String PASSWORD = "quarkus.datasource.password";

    /** Returns whether a database other than the embedded one is configured. */
    public static boolean isConfigured() {
        return findSetting(URL).isPresent();
    }

    public static DatabaseLocation fromConfiguration() {
        return new DatabaseLocation(
                findSetting(URL).orElse(""),
                findSetting(USER).orElse(""),
                findSetting(PASSWORD).orElse(""));
    }

    /** Makes the application use this database. */
    public void configure() {
        System.setProperty(URL, jdbcUrl);
        System.setProperty(USER, user);
        System.setProperty(PASSWORD, password);
    }

    /** Returns the URL without parameters, which may contain a password. */
    public String redactedUrl() {
        return jdbcUrl.replaceFirst("\\?.*", "");
    }

    static Optional<String> findSetting(String property) {
        return Optional.ofNullable(System.getProperty(property))
                .or(() -> Optional.ofNullable(
                        System.getenv(property.replace('.', '_').toUpperCase(Locale.ROOT))));
    }

    /** Omits the password. */
    @Override
    public String toString() {
        return redactedUrl();
    }
}
