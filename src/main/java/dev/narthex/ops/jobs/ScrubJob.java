package dev.narthex.ops.jobs;

import dev.narthex.publish.recognize.DerivedFileRebuild;
import dev.narthex.store.upkeep.StoreScrubber;
import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;

/** Runs one step of the scrub. If bytes were lost, queues derived files among them to be made again. */
@ApplicationScoped
class ScrubJob {
    private static final String LOST_DERIVED_FILES = """
            select p.id, p.cache_id, c.name, p.hash_part from nar n
              join path p on p.nar_id = n.id join cache c on c.id = p.cache_id
            where n.state = 'B' and p.origin = 'derived' and p.id > ? order by p.id limit 100""";

    private final StoreScrubber scrub;
    private final DerivedFileRebuild derivedFileRebuild;
    private final DataSource database;

    ScrubJob(StoreScrubber scrub, DerivedFileRebuild derivedFileRebuild, DataSource database) {
        this.scrub = scrub;
        this.derivedFileRebuild = derivedFileRebuild;
        this.database = database;
    }

    void run() {
        if (scrub.run() == 0) {
            return;
        }
        for (var batch = listLostDerivedFiles(0); !batch.isEmpty(); batch = listLostDerivedFiles(batch.getLast().id)) {
            var paths = batch;
            QuarkusTransaction.requiringNew()
                    .run(() ->
                            paths.forEach(path -> derivedFileRebuild.queue(path.cacheId, path.cache, path.hashPart)));
        }
    }

    private record LostDerivedFile(long id, long cacheId, String cache, String hashPart) {}

    private List<LostDerivedFile> listLostDerivedFiles(long after) {
        try (var connection = database.getConnection();
                var select = connection.prepareStatement(LOST_DERIVED_FILES)) {
            select.setLong(1, after);
            var files = new ArrayList<LostDerivedFile>();
            try (var rows = select.executeQuery()) {
                while (rows.next()) {
                    files.add(new LostDerivedFile(
                            rows.getLong(1), rows.getLong(2), rows.getString(3), rows.getString(4)));
                }
            }
            return files;
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
