package dev.narthex.publish;

import dev.narthex.catalog.DerivedFiles;
import dev.narthex.spi.Jobs;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import jakarta.transaction.Transactional.TxType;

/** Has files made again that were made here, and whose bytes the store has given up: nobody else has them to push. */
@ApplicationScoped
public class Remaking {
    private final DerivedFiles files;
    private final Jobs jobs;

    Remaking(DerivedFiles files, Jobs jobs) {
        this.files = files;
        this.jobs = jobs;
    }

    /** Queues it in the caller's transaction. Nothing if it is not known what the path was made of. */
    @Transactional(TxType.MANDATORY)
    public void of(long cacheId, String cache, String hashPart) {
        files.source(cacheId, hashPart).ifPresent(source -> jobs.queue(Transcoding.KIND, cache + "/" + source));
    }
}
