package dev.narthex.ops;

import io.smallrye.health.api.HealthGroup;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;

/**
 * Whether the data folder can be written, in the group "writable" and not in that of readiness: on a full disk what is there is
 * still served, and taking the server away from its readers would make that worse.
 */
@HealthGroup("writable")
class DiskHealth implements HealthCheck {
    private static final byte[] PROBE = new byte[4096];

    private final Path data;

    DiskHealth(@ConfigProperty(name = "narthex.data") Path data) {
        this.data = data;
    }

    @Override
    public HealthCheckResponse call() {
        var answer = HealthCheckResponse.named("disk");
        try {
            var probe = Files.createTempFile(data, "probe", "");
            try {
                Files.write(probe, PROBE);
            } finally {
                Files.delete(probe);
            }
            return answer.up()
                    .withData("freeBytes", Files.getFileStore(data).getUsableSpace())
                    .build();
        } catch (IOException e) {
            return answer.down()
                    .withData("reason", "The data folder cannot be written: " + e.getMessage())
                    .build();
        }
    }
}
