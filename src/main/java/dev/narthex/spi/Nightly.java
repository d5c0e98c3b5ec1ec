package dev.narthex.spi;

/** A task that one of the replicas runs once a day, soon after midnight UTC. */
public interface Nightly {
    /** Short, stable name; it is stored as a row of the queue. */
    String kind();

    void run();
}
