package dev.narthex.problem;

import java.util.List;

/** Words the hint of a 404 that packages of the cache depend on what is missing. */
public final class DependentsText {
    /** Number of names that {@link #sentence} can use. */
    public static final int MAX_NAMES = 3;

    private DependentsText() {}

    /**
     * Returns a sentence that says which packages of the cache depend on the missing one; empty if none do.
     *
     * @param names up to {@link #MAX_NAMES} dependents; the first two are named, a third becomes "and others"
     */
    public static String sentence(String cache, List<String> names) {
        if (names.isEmpty()) {
            return "";
        }
        var first = DetailText.shorten(names.getFirst());
        var dependents = switch (names.size()) {
            case 1 -> first + " depends";
            case 2 -> first + " and " + DetailText.shorten(names.get(1)) + " depend";
            default -> first + ", " + DetailText.shorten(names.get(1)) + " and others depend";
        };
        return "The cache " + cache + " lacks it, and " + dependents + " on it: publish or push it there too.";
    }
}
