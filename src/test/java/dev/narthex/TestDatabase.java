package dev.narthex;

import dev.narthex.ops.postgres.EmbeddedPostgres;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Map;

/** The real embedded PostgreSQL and a new data folder, shared by all tests inside the application. */
public class TestDatabase implements QuarkusTestResourceLifecycleManager {
    private EmbeddedPostgres postgres;
    private Path data;

    @Override
    public Map<String, String> start() {
        try {
            // not below target/, because the server runs as the user nobody, which may have no access to it
            data = Files.createTempDirectory("narthex-test");
            Files.setPosixFilePermissions(data, java.nio.file.attribute.PosixFilePermissions.fromString("rwxr-xr-x"));
            postgres = EmbeddedPostgres.start(data.resolve("postgres").resolve("17"));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
        var database = postgres.database();
        return Map.of(
                "quarkus.datasource.jdbc.url", database.jdbcUrl(),
                "quarkus.datasource.username", database.user(),
                "quarkus.datasource.password", database.password(),
                "narthex.data", data.toString());
    }

    @Override
    public void stop() {
        if (postgres != null) {
            postgres.close();
        }
        try (var all = Files.walk(data)) {
            all.sorted(Comparator.reverseOrder()).forEach(path -> path.toFile().delete());
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
