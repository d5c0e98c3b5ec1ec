package dev.narthex.publish.recognize;

import dev.narthex.catalog.Statistics;
import dev.narthex.spi.Job;
import dev.narthex.spi.JobQueue;
import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.enterprise.context.ApplicationScoped;

/** Job that recognizes a path and then queues the transcoding of its trees. */
@ApplicationScoped
class RecognitionJob implements Job {
    private final ReleaseRecognition recognition;
    private final JobQueue jobs;
    private final Statistics statistics;

    RecognitionJob(ReleaseRecognition recognition, JobQueue jobs, Statistics statistics) {
        this.recognition = recognition;
        this.jobs = jobs;
        this.statistics = statistics;
    }

    @Override
    public String kind() {
        return ReleaseRecognition.KIND;
    }

    @Override
    public void run(String key) {
        recognition.recognize(key);
        QuarkusTransaction.requiringNew().run(() -> jobs.queue(TranscodingJob.KIND, key));
        statistics.onWrite();
    }
}
