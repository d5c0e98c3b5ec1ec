package dev.narthex.ecosystem.npm;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A version range (npm/node-semver README "Ranges", classes/range.js). Parsed here because semver4j, which orders versions well,
 * matches more than zero with {@code ^0}, nothing with {@code x}, prereleases with {@code *}, and drops all but one of several
 * comparators.
 *
 * @param sets alternatives, of which one must match; all comparators of an alternative must match
 */
record NpmRange(List<List<Comparator>> sets) {
    private static final int MAX_LENGTH = 256;
    private static final String NUMBER = "(0|[1-9][0-9]{0,15}|[xX*])";
    private static final String SUFFIX = "(?:-([0-9A-Za-z.-]++))?+(?:\\+[0-9A-Za-z.-]++)?+";
    private static final Pattern PARTIAL = Pattern.compile(
            "(<=?|>=?|=|~>?|\\^)?[v=]*+" + NUMBER + "(?:\\." + NUMBER + "(?:\\." + NUMBER + SUFFIX + ")?+)?+");
    private static final Pattern HYPHEN = Pattern.compile("(\\S+)\\s+-\\s+(\\S+)");
    private static final Pattern LOOSE_OPERATOR = Pattern.compile("(<=?|>=?|=|~>?|\\^)\\s++");

    /** @param mark "<", "<=", ">", ">=" or "=" */
    private record Comparator(String mark, NpmVersion version) {
        boolean contains(byte[] key) {
            int order = Arrays.compareUnsigned(key, version.key());
            return switch (mark) {
                case "<" -> order < 0;
                case "<=" -> order <= 0;
                case ">" -> order > 0;
                case ">=" -> order >= 0;
                default -> order == 0;
            };
        }

        boolean allowsPrereleasesOf(NpmVersion other) {
            return !version.prerelease().isEmpty()
                    && version.major().equals(other.major())
                    && version.minor().equals(other.minor())
                    && version.patch().equals(other.patch());
        }
    }

    /** Matches any version that is not a prerelease. */
    static final NpmRange ANY = new NpmRange(List.of(List.of()));

    /** @return empty if the text is not a range, such as a tag or a URL */
    static Optional<NpmRange> parse(String text) {
        if (text.length() > MAX_LENGTH) {
            return Optional.empty();
        }
        var sets = new ArrayList<List<Comparator>>();
        for (var set : text.split("\\|\\|", -1)) {
            var comparators = set(set.strip());
            if (comparators.isEmpty()) {
                return Optional.empty();
            }
            sets.add(comparators.get());
        }
        return Optional.of(new NpmRange(List.copyOf(sets)));
    }

    /** Matches a prerelease only if a comparator names a prerelease of the same version. */
    boolean contains(NpmVersion version) {
        var key = version.key();
        return sets.stream()
                .anyMatch(set -> set.stream().allMatch(c -> c.contains(key))
                        && (version.prerelease().isEmpty()
                                || set.stream().anyMatch(c -> c.allowsPrereleasesOf(version))));
    }

    private static Optional<List<Comparator>> set(String text) {
        var hyphen = HYPHEN.matcher(text);
        var spaced = hyphen.matches() ? ">=" + hyphen.group(1) + " <=" + hyphen.group(2) : text;
        var comparators = new ArrayList<Comparator>();
        for (var word : LOOSE_OPERATOR.matcher(spaced).replaceAll("$1").split("\\s+")) {
            var partial = PARTIAL.matcher(word);
            if (!word.isEmpty() && (!partial.matches() || !addTo(comparators, partial))) {
                return Optional.empty();
            }
        }
        return Optional.of(List.copyOf(comparators));
    }

    /** Returns false if a number is larger than npm allows. */
    private static boolean addTo(List<Comparator> comparators, Matcher partial) {
        var mark = partial.group(1) == null ? "" : partial.group(1);
        var major = number(partial.group(2));
        if (major.isEmpty()) {
            // no version is above or below every version
            return !mark.matches("[<>]") || add(comparators, "<", "0.0.0-0");
        }
        long from = major.get();
        var minor = number(partial.group(3));
        var patch = minor.isEmpty() ? minor : number(partial.group(4));
        if (patch.isPresent()) {
            var pre = partial.group(5) == null ? "" : "-" + partial.group(5);
            return addComparators(comparators, mark, new long[] {from, minor.get(), patch.get()}, pre);
        }
        var first = from + "." + minor.orElse(0L) + ".0";
        boolean one = minor.isEmpty() || (mark.equals("^") && from > 0);
        var next = one ? from + 1 + ".0.0" : from + "." + (minor.get() + 1) + ".0";
        return switch (mark) {
            case ">" -> add(comparators, ">=", next);
            case ">=" -> add(comparators, ">=", first);
            case "<" -> add(comparators, "<", first + "-0");
            case "<=" -> add(comparators, "<", next + "-0");
            default -> add(comparators, ">=", first) && add(comparators, "<", next + "-0");
        };
    }

    private static boolean addComparators(List<Comparator> comparators, String mark, long[] numbers, String pre) {
        var version = numbers[0] + "." + numbers[1] + "." + numbers[2] + pre;
        var minor = numbers[0] + "." + (numbers[1] + 1) + ".0-0";
        return switch (mark) {
            case "^" -> {
                var next = numbers[0] > 0
                        ? numbers[0] + 1 + ".0.0-0"
                        : numbers[1] > 0 ? minor : "0.0." + (numbers[2] + 1) + "-0";
                yield add(comparators, ">=", version) && add(comparators, "<", next);
            }
            case "~", "~>" -> add(comparators, ">=", version) && add(comparators, "<", minor);
            default -> add(comparators, mark, version);
        };
    }

    private static boolean add(List<Comparator> to, String mark, String version) {
        var read = NpmVersion.parse(version);
        read.ifPresent(v -> to.add(new Comparator(mark, v)));
        return read.isPresent();
    }

    private static Optional<Long> number(String part) {
        return part == null || part.matches("[xX*]") ? Optional.empty() : Optional.of(Long.parseLong(part));
    }
}
