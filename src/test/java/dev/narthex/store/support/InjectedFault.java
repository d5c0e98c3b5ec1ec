package dev.narthex.store.support;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/**
 * One call of a process to its database or backends fails: before it is executed, halfway, or after it with a lost response.
 * Either the process continues, or it is killed: then all its further calls do nothing, so that its cleanup does not happen.
 */
public final class InjectedFault {
    /** When the call fails. */
    public enum Moment {
        BEFORE,
        HALF,
        AFTER
    }

    private final int callNumber;
    private final Moment moment;
    private final boolean kills;
    private final AtomicInteger calls = new AtomicInteger();
    private volatile boolean losesResponse;
    private volatile boolean hasOccurred;

    /**
     * @param callNumber number of the call, counted from 1
     * @param kills whether the process is killed; otherwise it continues
     */
    public InjectedFault(int callNumber, Moment moment, boolean kills) {
        this.callNumber = callNumber;
        this.moment = moment;
        this.kills = kills;
    }

    public static InjectedFault never() {
        return new InjectedFault(0, Moment.BEFORE, false);
    }

    /** A call to the database or a backend. */
    @FunctionalInterface
    interface Call<T, E extends Exception> {
        T perform() throws E;
    }

    /**
     * Executes a call, or fails if it has the number of this fault.
     *
     * @param partial executes a part of the action and fails
     */
    <T, E extends Exception> T execute(Call<T, E> action, Call<T, E> partial, Function<String, E> failure) throws E {
        requireAlive(failure);
        if (calls.incrementAndGet() != callNumber) {
            return action.perform();
        }
        try {
            switch (moment) {
                case BEFORE -> {}
                case HALF -> {
                    return partial.perform();
                }
                case AFTER -> {
                    losesResponse = true;
                    action.perform();
                }
            }
            throw failure.apply(this + ": fails");
        } finally {
            hasOccurred = true;
        }
    }

    <E extends Exception> void requireAlive(Function<String, E> failure) throws E {
        if (isKilled()) {
            throw failure.apply(this + ": the process is killed");
        }
    }

    /** Whether the response of the current call will be lost. */
    boolean losesResponse() {
        return losesResponse && !hasOccurred;
    }

    public boolean hasOccurred() {
        return hasOccurred;
    }

    boolean isKilled() {
        return hasOccurred && kills;
    }

    boolean kills() {
        return kills;
    }

    public int calls() {
        return calls.get();
    }

    @Override
    public String toString() {
        return "call " + callNumber + " " + moment + (kills ? ", kills the process" : "");
    }
}
