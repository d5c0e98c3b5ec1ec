package dev.narthex.web.view;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.narthex.web.view.InstallSize.Missing;
import java.util.List;

/**
 * Whether the cache has everything that an install command fetches.
 *
 * @param state result of the check
 * @param unit what is counted
 * @param count number of packages or paths that are here, including the release itself
 * @param size in bytes: the unpacked size of packages, or the closure size of store paths; 0 if unknown
 * @param missing dependencies without a matching version in the cache, truncated
 * @param missingCount number of all missing dependencies
 * @param dependenciesUrl URL of the page with details
 */
public record InstallCheck(
        State state, Unit unit, int count, long size, List<Missing> missing, int missingCount, String dependenciesUrl) {
    private static final int MAX_NAMED = 6;

    public enum State {
        /** Everything is in the cache. */
        @JsonProperty("complete")
        COMPLETE,
        /** Something is missing, so the command fails. */
        @JsonProperty("incomplete")
        INCOMPLETE,
        /** The check is running, or its result is outdated. */
        @JsonProperty("pending")
        PENDING,
        /** The dependency graph is larger than the check's limit. */
        @JsonProperty("too large")
        TOO_LARGE,
        /** Only the client knows which packages it fetches. */
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

    /** Returns a check without size and missing dependencies. */
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
