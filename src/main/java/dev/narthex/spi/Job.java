package dev.narthex.spi;

/** A kind of background job. Runs outside of requests, possibly on another replica and possibly more than once. */
public interface Job {
    /** Short, stable name; it is stored in the rows of the queue. */
    String kind();

    void run(String key);

    /** Whether other jobs take precedence, because this one may take long and nobody waits for it. */
    default boolean patient() {
        return false;
    }
}
