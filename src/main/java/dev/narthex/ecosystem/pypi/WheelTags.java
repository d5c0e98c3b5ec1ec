package dev.narthex.ecosystem.pypi;

import dev.narthex.spi.NotOfferedException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The tags in a wheel's file name (packaging.python.org, "Platform compatibility tags"): {@code py2.py3-none-any} means all
 * combinations of the parts.
 */
record WheelTags(String build, String tags) {
    private static final int PARTS = 3;

    /**
     * @param wheel the WHEEL file of dist-info
     * @throws NotOffered if its tags are not such a set of combinations, or are specific to one system
     */
    static WheelTags of(CoreMetadata wheel) throws NotOfferedException {
        var lines = wheel.all("tag").stream()
                .map(tag -> List.of(tag.split("-", -1)))
                .toList();
        if (lines.isEmpty() || lines.stream().anyMatch(parts -> parts.size() != PARTS)) {
            throw new NotOfferedException("its WHEEL file has no tags that installers read");
        }
        var sets = List.of(column(lines, 0), column(lines, 1), column(lines, 2));
        if (sets.get(0).size() * sets.get(1).size() * sets.get(2).size()
                != Set.copyOf(lines).size()) {
            throw new NotOfferedException("the tags in its WHEEL file cannot be written as a file name");
        }
        if (!sets.get(2).equals(Set.of("any"))) {
            throw new NotOfferedException("it was built for one system: " + String.join(", ", sets.get(2)));
        }
        var joined = sets.stream().map(set -> String.join(".", set)).toList();
        return new WheelTags(wheel.first("build"), String.join("-", joined));
    }

    /** Returns the Python tags in a wheel's file name, such as {@code py2.py3}. */
    static String python(String filename) {
        var parts = filename.split("-", -1);
        return parts[parts.length - PARTS];
    }

    private static Set<String> column(List<List<String>> lines, int column) {
        var values = new LinkedHashSet<String>();
        lines.forEach(parts -> values.add(parts.get(column)));
        return values;
    }

    String filename(String project, String version) {
        return project + "-" + version + (build.isEmpty() ? "" : "-" + build) + "-" + tags + ".whl";
    }
}
