package dev.narthex.ecosystem.support;

import dev.narthex.access.Role;
import dev.narthex.access.support.AccessFixture;
import dev.narthex.spi.Cache;
import jakarta.inject.Inject;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;

/** A new public cache for each test, and its publisher. */
public abstract class PublisherSetup {
    private static final AtomicInteger NUMBERS = new AtomicInteger();

    @Inject
    protected AccessFixture people;

    protected Cache cache;
    protected long publisher;
    protected String token;

    @BeforeEach
    void newCacheWithPublisher() {
        cache = people.cache("shipyard-" + NUMBERS.incrementAndGet(), true);
        publisher = people.person(false);
        people.member(cache, publisher, Role.PUBLISHER);
        token = people.token(publisher);
    }
}
