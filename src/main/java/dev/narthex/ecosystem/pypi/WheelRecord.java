package dev.narthex.ecosystem.pypi;

import dev.narthex.archive.ArchiveRejectedException;
import dev.narthex.spi.UntrustedText;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Compares the RECORD of a wheel with its files, in both directions (packaging.python.org, "Binary distribution format"). pip and
 * installer install a wheel with wrong hashes without a warning, so the index is the last place that can detect them.
 *
 * @param folder the dist-info directory, with a trailing slash
 */
record WheelRecord(String folder, List<RecordLine> lines) {
    /** Accepted digest algorithms: name in RECORD to Java name. */
    private static final Map<String, String> ALGORITHMS =
            Map.of("sha256", "SHA-256", "sha384", "SHA-384", "sha512", "SHA-512");

    /** RECORD cannot contain its own hash, and its signatures are made after it. */
    private static final Set<String> WITHOUT_HASH = Set.of("RECORD", "RECORD.jws", "RECORD.p7s");

    WheelRecord {
        lines = List.copyOf(lines);
    }

    /** Returns the Java names of the algorithms that the lines use. */
    Set<String> algorithms() throws ArchiveRejectedException {
        var names = new HashSet<String>();
        for (var line : lines) {
            if (!hashless(line.path())) {
                names.add(algorithm(line));
            }
        }
        return names;
    }

    /** @throws Refused if a file is not listed, or a file with a hash of this algorithm does not match it */
    void confirm(String algorithm, Map<String, WheelFiles.FileDigest> files) throws ArchiveRejectedException {
        var listed = lines.stream().map(RecordLine::path).collect(Collectors.toSet());
        for (var path : files.keySet()) {
            if (!listed.contains(path) && !hashless(path)) {
                throw new ArchiveRejectedException("Its RECORD does not list " + shorten(path) + ".");
            }
        }
        for (var line : lines) {
            var digest = files.get(line.path());
            if (digest == null && !hashless(line.path())) {
                throw new ArchiveRejectedException(
                        "Its RECORD lists " + shorten(line.path()) + ", which is not in it.");
            }
            if (digest != null && !hashless(line.path()) && algorithm(line).equals(algorithm)) {
                confirm(line, digest);
            }
        }
    }

    private static void confirm(RecordLine line, WheelFiles.FileDigest digest) throws ArchiveRejectedException {
        var value = line.hash().substring(line.hash().indexOf('=') + 1).replaceFirst("=+$", "");
        boolean same = value.equals(Base64.getUrlEncoder().withoutPadding().encodeToString(digest.digest()))
                && (line.size().isEmpty() || line.size().equals(Long.toString(digest.size())));
        if (!same) {
            throw new ArchiveRejectedException("Its RECORD has another hash or size of " + shorten(line.path()) + ".");
        }
    }

    private boolean hashless(String path) {
        return path.startsWith(folder) && WITHOUT_HASH.contains(path.substring(folder.length()));
    }

    private static String algorithm(RecordLine line) throws ArchiveRejectedException {
        var algorithm =
                ALGORITHMS.get(line.hash().substring(0, Math.max(0, line.hash().indexOf('='))));
        if (algorithm == null) {
            throw new ArchiveRejectedException(
                    "Its RECORD has no hash of " + shorten(line.path()) + " that is good enough.");
        }
        return algorithm;
    }

    static String shorten(String path) {
        var line = UntrustedText.line(path);
        return line.length() <= 200 ? line : line.substring(0, 200) + "…";
    }
}
