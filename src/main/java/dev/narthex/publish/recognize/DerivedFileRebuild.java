package dev.narthex.publish.recognize;

import dev.narthex.catalog.release.DerivedFileRepository;
import dev.narthex.spi.JobQueue;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import jakarta.transaction.Transactional.TxType;

/**
 * Queues derived files to be made again after the store lost their bytes. Only this server can produce them, so clients cannot push
 * them.
 */
@ApplicationScoped
public class DerivedFileRebuild {
    private final DerivedFileRepository derivedFiles;
    private final JobQueue jobs;

    DerivedFileRebuild(DerivedFileRepository derivedFiles, JobQueue jobs) {
        this.derivedFiles = derivedFiles;
        this.jobs = jobs;
    }

    /** Queues the job in the caller's transaction. Does nothing if the source of the path is unknown. */
    @Transactional(TxType.MANDATORY)
    public void queue(long cacheId, String cache, String hashPart) {
        derivedFiles
                .source(cacheId, hashPart)
                .ifPresent(source -> jobs.queue(TranscodingJob.KIND, cache + "/" + source));
    }
}
