package dev.narthex.spi;

/** Something to be done once a day, soon after midnight of UTC, by one of the replicas. */
public interface Nightly {
    /** Short and stable: it names a row of the queue. */
    String kind();

    void run();
}
