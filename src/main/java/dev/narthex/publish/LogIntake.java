package dev.narthex.publish;

import com.github.luben.zstd.ZstdOutputStream;
import dev.narthex.access.Action;
import dev.narthex.access.Audit;
import dev.narthex.access.Audit.Act;
import dev.narthex.catalog.BuildLogs;
import dev.narthex.catalog.Changes;
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
public class LogIntake {
    /** Maximum size of a log, in bytes of text. */
    public static final long MAX_TEXT_BYTES = 256L << 20;

    private static final int MAX_STORED_BYTES = 16 << 20;
    private static final int COMPRESSION_LEVEL = 9;

    private final BuildLogs logs;
    private final Changes changes;
    private final Audit audit;

    LogIntake(BuildLogs logs, Changes changes, Audit audit) {
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
                    throw new Problem.TooLarge("log", "A build log may have 256 MiB, and 16 MiB compressed.")
                            .asException();
                }
                zstd.write(buffer, 0, n);
            }
        }
        QuarkusTransaction.requiringNew().run(() -> {
            logs.put(cache.id(), drv, compressed.toByteArray());
            audit.done(Act.in(cache, Action.PUSH, "log of " + drv));
            changes.append(
                    cache.id(),
                    "log",
                    Optional.empty(),
                    Optional.empty(),
                    Optional.of(StorePath.parseBaseName(drv).hash()));
        });
    }
}
