package dev.narthex.ecosystem.pypi;

import dev.narthex.spi.UntrustedText;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Describes the Pythons and systems on which the wheels of a release can be installed (packaging.python.org, "Platform
 * compatibility tags").
 */
final class WheelLimits {
    private static final String WHEEL = ".whl";
    private static final int MAX_NAMED = 4;
    private static final Pattern VERSIONED = Pattern.compile("(cp|pp|py)(\\d)(\\d*)");
    private static final List<String> ANYWHERE = List.of("py3", "none", "any");

    private WheelLimits() {}

    /** Returns a sentence; empty if any Python 3 can install the release, from a wheel or from its source. */
    static String of(List<String> filenames) {
        var tags = filenames.stream().map(WheelLimits::tags).toList();
        boolean everywhere = tags.isEmpty() || tags.stream().anyMatch(wheel -> wheel.isEmpty() || isForAll(wheel));
        if (everywhere) {
            return "";
        }
        var pythons = named(tags, wheel -> pythons(wheel.getFirst(), wheel.get(1)));
        var platforms = named(tags, wheel -> split(wheel.getLast()));
        return "Only wheels for " + pythons + (platforms.equals("any") ? "" : " on " + platforms)
                + " and no source distribution. pip on anything else finds no matching file.";
    }

    /** Returns the tags for Python, ABI and platform; empty if the file is not a wheel. */
    private static List<String> tags(String filename) {
        if (!filename.endsWith(WHEEL)) {
            return List.of();
        }
        var parts = Arrays.asList(
                filename.substring(0, filename.length() - WHEEL.length()).split("-", -1));
        return parts.size() < 5 ? List.of() : parts.subList(parts.size() - 3, parts.size());
    }

    /** Each tag may be a set, separated by dots (PEP 425, "Compressed Tag Sets"). */
    private static boolean isForAll(List<String> wheel) {
        return ANYWHERE.stream()
                .allMatch(tag -> wheel.stream().flatMap(WheelLimits::split).anyMatch(tag::equals));
    }

    private static Stream<String> split(String tags) {
        return Stream.of(tags.split("\\."));
    }

    private static Stream<String> pythons(String python, String abi) {
        return split(python).map(tag -> python(tag) + (abi.equals("abi3") ? " or newer" : ""));
    }

    private static String python(String tag) {
        var parts = VERSIONED.matcher(tag);
        if (!parts.matches()) {
            return UntrustedText.line(tag);
        }
        var name = switch (parts.group(1)) {
            case "cp" -> "CPython ";
            case "pp" -> "PyPy ";
            default -> "Python ";
        };
        return name + parts.group(2) + (parts.group(3).isEmpty() ? "" : "." + parts.group(3));
    }

    private static String named(List<List<String>> wheels, Function<List<String>, Stream<String>> of) {
        var all = wheels.stream().flatMap(of).distinct().sorted().toList();
        var first = all.stream().limit(MAX_NAMED).map(UntrustedText::line).collect(Collectors.joining(", "));
        return all.size() > MAX_NAMED ? first + " and " + (all.size() - MAX_NAMED) + " more" : first;
    }
}
