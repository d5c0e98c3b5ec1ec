package dev.narthex.ecosystem.pypi;

import dev.narthex.nix.NixHash;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Optional;

/**
 * One file of a project, as pages tell of it.
 *
 * @param serial grows from file to file of this instance
 * @param version of its release
 * @param requiresPython empty if any will do
 * @param metadata SHA-256 of its METADATA, if that is served beside it
 * @param provenance address of what somebody signed about it
 * @param yanked why its release was taken back; an empty reason is one too
 */
record ProjectFile(
        long serial,
        String filename,
        String version,
        NixHash sha256,
        long size,
        Instant at,
        String requiresPython,
        Optional<NixHash> metadata,
        Optional<String> yanked,
        Optional<String> provenance) {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);

    boolean wheel() {
        return filename.endsWith(".whl");
    }

    /** Such as {@code 2025-03-01T10:00:00.000000Z} (PEP 700). */
    String time() {
        return TIME.format(at);
    }

    /** Its address below the index. */
    String address(String project) {
        return address(project, sha256, filename);
    }

    /** @param project normalised */
    static String address(String project, NixHash sha256, String filename) {
        return "files/" + project + "/" + sha256.hex() + "/" + encode(filename);
    }

    /** Where a file is by its name alone, as mirrors of PyPI have it. */
    static String mirrored(String project, String filename) {
        return "packages/source/" + project.charAt(0) + "/" + project + "/" + encode(filename);
    }

    /** As a segment of an address. */
    private static String encode(String filename) {
        return URLEncoder.encode(filename, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
