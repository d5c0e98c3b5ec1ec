package dev.narthex.ops;

import java.util.Locale;
import java.util.Optional;

/** Where a PostgreSQL is and who one is there. */
public record Database(String jdbcUrl, String user, String password) {
    private static final String URL = "quarkus.datasource.jdbc.url";
    private static final String USER = "quarkus.datasource.username";
    private static final String PASSWORD = "quarkus.datasource.password";

    /** Whether another one than the embedded is named. */
    static boolean configured() {
        return setting(URL).isPresent();
    }

    static Database fromConfiguration() {
        return new Database(
                setting(URL).orElse(""),
                setting(USER).orElse(""),
                setting(PASSWORD).orElse(""));
    }

    /** Makes the application use this one. */
    void configure() {
        System.setProperty(URL, jdbcUrl);
        System.setProperty(USER, user);
        System.setProperty(PASSWORD, password);
    }

    /** Without parameters, which may hold a password. */
    String address() {
        return jdbcUrl.replaceFirst("\\?.*", "");
    }

    static Optional<String> setting(String property) {
        return Optional.ofNullable(System.getProperty(property))
                .or(() -> Optional.ofNullable(
                        System.getenv(property.replace('.', '_').toUpperCase(Locale.ROOT))));
    }

    /** Without the password. */
    @Override
    public String toString() {
        return address();
    }
}
