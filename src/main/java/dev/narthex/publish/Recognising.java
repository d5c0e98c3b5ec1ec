package dev.narthex.publish;

import dev.narthex.catalog.Statistics;
import dev.narthex.spi.Job;
import dev.narthex.spi.Jobs;
import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.enterprise.context.ApplicationScoped;

/** Job that recognizes a path and then queues the transcoding of its trees. */
@ApplicationScoped
class Recognising implements Job {
    private final Recognition recognition;
    private final Jobs jobs;
    private final Statistics statistics;

    Recognising(Recognition recognition, Jobs jobs, Statistics statistics) {
        this.recognition = recognition;
        this.jobs = jobs;
        this.statistics = statistics;
    }

    @Override
    public String kind() {
        return Recognition.KIND;
    }

    @Override
    public void run(String key) {
        recognition.recognize(key);
        QuarkusTransaction.requiringNew().run(() -> jobs.queue(Transcoding.KIND, key));
        statistics.written();
    }
}
