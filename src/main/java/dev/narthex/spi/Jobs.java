package dev.narthex.spi;

/** Work for later. Queued in the caller's transaction: it is done if and only if that commits, and at least once. */
public interface Jobs {
    /**
     * @param kind of the {@link Job} that will run
     * @param key what it will be given; queued twice before it runs, it runs once
     */
    void queue(String kind, String key);
}
