package dev.narthex.ops.observe;

import io.smallrye.health.api.HealthGroup;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;

/**
 * Checks whether the data folder is writable. It is in the group "writable" rather than in readiness: with a full disk, existing
 * content is still served, and removing the server from the load balancer would only make things worse.
 */
@HealthGroup("writable")
class DiskHealth implements HealthCheck {
    private static final byte[] PROBE = new byte[4096];

    private final Path dataFolder;

    DiskHealth(@ConfigProperty(name = "narthex.data") Path dataFolder) {
        this.dataFolder = dataFolder;
    }

    @Override
    public HealthCheckResponse call() {
        var response = HealthCheckResponse.named("disk");
        try {
            var probe = Files.createTempFile(dataFolder, "probe", "");
            try {
                Files.write(probe, PROBE);
            } finally {
                Files.delete(probe);
            }
            return response.up()
                    .withData("freeBytes", Files.getFileStore(dataFolder).getUsableSpace())
                    .build();
        } catch (IOException e) {
            return response.down()
                    .withData("reason", "The data folder cannot be written: " + e.getMessage())
                    .build();
        }
    }
}
