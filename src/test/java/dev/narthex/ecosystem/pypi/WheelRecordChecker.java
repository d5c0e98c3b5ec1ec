package dev.narthex.ecosystem.pypi;

import dev.narthex.nix.NixHash;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import org.apache.commons.compress.archivers.zip.ZipFile;

/**
 * Compares a wheel with its RECORD in both directions, which no installer does: pip and installer accept wheels with wrong
 * hashes. Another library reads the archive.
 */
public final class WheelRecordChecker {
    private WheelRecordChecker() {}

    /**
     * Returns the files in order, RECORD last.
     *
     * @throws AssertionError unless RECORD lists exactly the other files with their hashes and sizes
     */
    public static SequencedMap<String, byte[]> verified(Path wheel) throws IOException {
        var files = new LinkedHashMap<String, byte[]>();
        var expected = new StringBuilder();
        try (var zip = ZipFile.builder().setPath(wheel).get()) {
            for (var entry : Collections.list(zip.getEntriesInPhysicalOrder())) {
                var content = zip.getInputStream(entry).readAllBytes();
                if (entry.isDirectory() || entry.isUnixSymlink() || files.put(entry.getName(), content) != null) {
                    throw new AssertionError(entry.getName() + " is no file or is there twice");
                }
                expected.append(line(entry.getName(), content));
            }
        }
        var record = new String(files.lastEntry().getValue(), StandardCharsets.UTF_8);
        if (!files.lastEntry().getKey().matches("[^/]+\\.dist-info/RECORD") || !record.contentEquals(expected)) {
            throw new AssertionError("RECORD of " + wheel + " is\n" + record + "instead of\n" + expected);
        }
        return files;
    }

    private static String line(String path, byte[] content) {
        boolean plain = path.chars().noneMatch(c -> c == ',' || c == '"');
        var quoted = plain ? path : '"' + path.replace("\"", "\"\"") + '"';
        if (path.endsWith(".dist-info/RECORD")) {
            return quoted + ",,\n";
        }
        var hash = NixHash.sha256(content).bytes();
        return quoted + ",sha256=" + Base64.getUrlEncoder().withoutPadding().encodeToString(hash) + "," + content.length
                + "\n";
    }
}
