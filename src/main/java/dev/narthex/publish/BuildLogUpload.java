package dev.narthex.publish;

import com.github.luben.zstd.ZstdOutputStream;
import dev.narthex.access.Action;
import dev.narthex.access.AuditLog;
import dev.narthex.access.AuditLog.AuditEvent;
import dev.narthex.catalog.change.ChangeLog;
import dev.narthex.catalog.path.BuildLogs;
import dev.narthex.nix.StorePath;
import dev.narthex.problem.Problem;
import dev.narthex.spi.Cache;
import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;

/** Stores uploaded build logs, compressed with zstd. */
@ApplicationScoped
public class BuildLogUpload {
    /** Maximum size of a log, in bytes of text. */
    public static final long MAX_TEXT_BYTES = 256L << 20;

    private static final int MAX_STORED_BYTES = 16 << 20;
    private static final int COMPRESSION_LEVEL = 9;

    private final BuildLogs logs;
    private final ChangeLog changes;
    private final AuditLog audit;

    BuildLogUpload(BuildLogs logs, ChangeLog changes, AuditLog audit) {
        this.logs = logs;
        this.changes = changes;
        this.audit = audit;
    }

    /**
     * Stores a log; an existing log of the same derivation is replaced.
     *
     * @param drv base name of the derivation that was built
     * @throws dev.narthex.problem.ProblemException TooLarge
     */
    public void receive(Cache cache, String drv, InputStream text) throws IOException {
        var compressed = new ByteArrayOutputStream();
        try (var zstd = new ZstdOutputStream(compressed, COMPRESSION_LEVEL)) {
            var buffer = new byte[64 * 1024];
            long textBytes = 0;
            for (int n = text.read(buffer); n >= 0; n = text.read(buffer)) {
                textBytes += n;
                if (textBytes > MAX_TEXT_BYTES || compressed.size() > MAX_STORED_BYTES) {
                    throw Problem.tooLarge("log", "A build log may have 256 MiB, and 16 MiB compressed.");
                }
                zstd.write(buffer, 0, n);
            }
        }
        QuarkusTransaction.requiringNew().run(() -> {
            logs.put(cache.id(), drv, compressed.toByteArray());
            audit.recordDone(AuditEvent.ofCache(cache, Action.PUSH, "log of " + drv));
            changes.append(
                    cache.id(),
                    "log",
                    Optional.empty(),
                    Optional.empty(),
                    Optional.of(StorePath.parseBaseName(drv).hash()));
        });
    }
}
