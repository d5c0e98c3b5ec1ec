package dev.narthex.store.support;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/**
 * One call of a process to its database or its backends fails: before it is done, when it is half done, or when it is done
 * and the answer is lost. Either the process goes on, or that was its end: nothing that it asks for is done any more, so that
 * whatever it would have tidied up stays.
 */
public final class InjectedFault {
    /** When the call fails. */
    public enum Moment {
        BEFORE,
        HALF,
        AFTER
    }

    private final int at;
    private final Moment moment;
    private final boolean deadly;
    private final AtomicInteger calls = new AtomicInteger();
    private volatile boolean losing;
    private volatile boolean fallen;

    /**
     * @param at which call, counted from 1
     * @param deadly whether it is the end of the process
     */
    public InjectedFault(int at, Moment moment, boolean deadly) {
        this.at = at;
        this.moment = moment;
        this.deadly = deadly;
    }

    public static InjectedFault never() {
        return new InjectedFault(0, Moment.BEFORE, false);
    }

    /** The kind of call. */
    @FunctionalInterface
    interface Call<T, E extends Exception> {
        T make() throws E;
    }

    /**
     * Makes a call, unless it is the one to fail.
     *
     * @param half does a part of it, and fails itself
     */
    <T, E extends Exception> T at(Call<T, E> whole, Call<T, E> half, Function<String, E> failure) throws E {
        requireAlive(failure);
        if (calls.incrementAndGet() != at) {
            return whole.make();
        }
        try {
            switch (moment) {
                case BEFORE -> {}
                case HALF -> {
                    return half.make();
                }
                case AFTER -> {
                    losing = true;
                    whole.make();
                }
            }
            throw failure.apply(this + ": fails");
        } finally {
            fallen = true;
        }
    }

    <E extends Exception> void requireAlive(Function<String, E> failure) throws E {
        if (gone()) {
            throw failure.apply(this + ": the process is gone");
        }
    }

    /** Whether a call is under way whose answer will be lost. */
    boolean losing() {
        return losing && !fallen;
    }

    public boolean fallen() {
        return fallen;
    }

    boolean gone() {
        return fallen && deadly;
    }

    boolean deadly() {
        return deadly;
    }

    public int calls() {
        return calls.get();
    }

    @Override
    public String toString() {
        return "call " + at + " " + moment + (deadly ? " deadly" : "");
    }
}
