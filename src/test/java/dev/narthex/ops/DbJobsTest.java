package dev.narthex.ops;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.narthex.TestDatabase;
import dev.narthex.spi.Job;
import dev.narthex.spi.Jobs;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class DbJobsTest {
    private static final String KIND = "wait-for-the-test";
    private static final BlockingQueue<String> BEGUN = new LinkedBlockingQueue<>();
    private static final Semaphore MAY_END = new Semaphore(0);

    @Inject
    Jobs jobs;

    @Singleton
    static class Waiting implements Job {
        @Override
        public String kind() {
            return KIND;
        }

        @Override
        public void run(String key) {
            BEGUN.add(key);
            MAY_END.acquireUninterruptibly();
        }
    }

    @Test
    void whatIsQueuedWhileItRunsRunsOnceMore() throws InterruptedException {
        try {
            for (int i = 0; i < 3; i++) {
                queue();
                assertEquals("pear/1", BEGUN.poll(30, TimeUnit.SECONDS));
            }
        } finally {
            MAY_END.release(3);
        }
    }

    private void queue() {
        QuarkusTransaction.requiringNew().run(() -> jobs.queue(KIND, "pear/1"));
    }
}
