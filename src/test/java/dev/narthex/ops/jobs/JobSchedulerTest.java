package dev.narthex.ops.jobs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.narthex.TestDatabase;
import dev.narthex.db.Database;
import dev.narthex.spi.Job;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class JobSchedulerTest {
    private static final String KEY = "two-ask-for-it";
    private static final CountDownLatch COUNTED = new CountDownLatch(1);

    /** A job that blocks until the test has counted it. */
    @ApplicationScoped
    static class HeldJob implements Job {
        static final String KIND = "held";

        @Override
        public String kind() {
            return KIND;
        }

        @Override
        public void run(String key) {
            try {
                COUNTED.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Inject
    JobScheduler jobs;

    @Inject
    Database sql;

    @AfterEach
    void end() {
        COUNTED.countDown();
    }

    private void queue() {
        jobs.queue(HeldJob.KIND, KEY);
    }

    private long waiting() {
        return sql.statement(
                        "select count(*) as n from scheduled_tasks where task_name = :kind and task_instance = :key")
                .bind("kind", HeldJob.KIND)
                .bind("key", KEY)
                .list()
                .getFirst()
                .longValue("n");
    }

    @Test
    void concurrentRequestsForAJobWaitForEachOther() throws Exception {
        var asked = new CountDownLatch(1);
        var goOn = new CountDownLatch(1);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var first = threads.submit(() -> QuarkusTransaction.requiringNew().call(() -> {
                queue();
                asked.countDown();
                return goOn.await(30, TimeUnit.SECONDS);
            }));
            asked.await();
            var second = threads.submit(() -> QuarkusTransaction.requiringNew().run(this::queue));
            while (!blocked()) {
                assertFalse(second.isDone(), "the second did not wait");
                Thread.onSpinWait();
            }
            goOn.countDown();
            first.get();
            second.get();
        }
        assertEquals(1, waiting());
    }

    private boolean blocked() {
        return !sql.statement("select 1 as one from pg_locks where not granted")
                .list()
                .isEmpty();
    }
}
