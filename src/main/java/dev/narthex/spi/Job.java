package dev.narthex.spi;

/** Something that can be queued. Runs outside a request, maybe on another replica, maybe more than once. */
public interface Job {
    /** Short and stable: it names rows of the queue. */
    String kind();

    void run(String key);

    /** Whether it may take long and nobody waits for it: other jobs go first. */
    default boolean patient() {
        return false;
    }
}
