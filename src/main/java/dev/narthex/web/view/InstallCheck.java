package dev.narthex.web.view;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.narthex.web.view.InstallSize.Missing;
import java.util.List;

/**
 * Whether the cache has everything that an install command fetches.
 *
 * @param state how much of that is known
 * @param unit what is counted
 * @param count of what is here, the release itself or its path among them
 * @param size in bytes: the unpacked size of packages, the closure size of store paths; 0 if it is not known
 * @param missing what is not in the cache, in any version that fits; the first of them
 * @param missingCount of all that is missing
 * @param dependenciesUrl where a reader sees more about it
 */
public record InstallCheck(
        State state, Unit unit, int count, long size, List<Missing> missing, int missingCount, String dependenciesUrl) {
    private static final int MAX_NAMED = 6;

    public enum State {
        /** Everything is here. */
        @JsonProperty("complete")
        COMPLETE,
        /** Something is not here, so the command fails. */
        @JsonProperty("incomplete")
        INCOMPLETE,
        /** It is being computed, or something changed since it was. */
        @JsonProperty("pending")
        PENDING,
        /** More is needed than is looked at. */
        @JsonProperty("too large")
        TOO_LARGE,
        /** Only the client knows what it fetches. */
        @JsonProperty("unknown")
        UNKNOWN
    }

    public enum Unit {
        @JsonProperty("packages")
        PACKAGES,
        @JsonProperty("store paths")
        STORE_PATHS
    }

    public InstallCheck {
        missing = missing.stream().limit(MAX_NAMED).toList();
    }

    /** Nothing is known of the size and of what is missing. */
    public static InstallCheck of(State state, Unit unit, String dependenciesUrl) {
        return new InstallCheck(state, unit, 0, 0, List.of(), 0, dependenciesUrl);
    }

    public int more() {
        return missingCount - missing.size();
    }

    public boolean complete() {
        return state == State.COMPLETE;
    }

    public boolean incomplete() {
        return state == State.INCOMPLETE;
    }

    public boolean pending() {
        return state == State.PENDING;
    }

    public boolean tooLarge() {
        return state == State.TOO_LARGE;
    }

    public boolean ofPackages() {
        return unit == Unit.PACKAGES;
    }
}
