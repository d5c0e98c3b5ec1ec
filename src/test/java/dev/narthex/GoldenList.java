package dev.narthex;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Compares lines with a file in {@code src/test/resources/golden}. With {@code -Dgolden.write} the file is written instead; review
 * its diff like any other change.
 *
 * @param about header of the file, which explains its lines
 */
public record GoldenList(Path file, List<String> about) {
    public static GoldenList of(String name, String... about) {
        return new GoldenList(Path.of("src/test/resources/golden").resolve(name), List.of(about));
    }

    /** Returns the lines of the file, without its header. */
    public List<String> lines() throws IOException {
        return Files.readAllLines(file).stream()
                .filter(line -> !line.startsWith("#"))
                .toList();
    }

    public void check(List<String> found) throws IOException {
        if (System.getProperty("golden.write") != null) {
            var text = new StringBuilder();
            about.forEach(line -> text.append("# ").append(line).append('\n'));
            found.forEach(line -> text.append(line).append('\n'));
            Files.writeString(file, text);
        }
        var kept = Files.exists(file) ? lines() : List.<String>of();
        if (!kept.equals(found)) {
            throw new AssertionError(difference(kept, found));
        }
    }

    private String difference(List<String> kept, List<String> found) {
        var gone = new LinkedHashSet<>(kept);
        found.forEach(gone::remove);
        var fresh = new LinkedHashSet<>(found);
        kept.forEach(fresh::remove);
        return file + " (-) and what was found (+) differ:\n"
                + gone.stream().map(line -> "- " + line).collect(Collectors.joining("\n"))
                + (gone.isEmpty() ? "" : "\n")
                + fresh.stream().map(line -> "+ " + line).collect(Collectors.joining("\n"))
                + (gone.isEmpty() && fresh.isEmpty() ? "only their order" : "")
                + "\nIf that is meant to be, run the test with -Dgolden.write and commit the file.";
    }
}
