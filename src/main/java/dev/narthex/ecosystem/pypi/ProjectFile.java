package dev.narthex.ecosystem.pypi;

import dev.narthex.nix.NixHash;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Optional;

/**
 * One file of a project, as index pages list it.
 *
 * @param serial increases with every file of this instance
 * @param version of its release
 * @param requiresPython empty if there is no restriction
 * @param metadata SHA-256 of its METADATA, if that is served beside it
 * @param provenance URL of its attestations, if it has any
 * @param yanked the reason, which may be an empty text, if its release is yanked
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

    /** Upload time, such as {@code 2025-03-01T10:00:00.000000Z} (PEP 700). */
    String time() {
        return TIME.format(at);
    }

    /** URL relative to the index. */
    String address(String project) {
        return address(project, sha256, filename);
    }

    /** @param project normalized */
    static String address(String project, NixHash sha256, String filename) {
        return "files/" + project + "/" + sha256.hex() + "/" + encode(filename);
    }

    /** URL of a file that is identified only by its name, as in mirrors of PyPI. */
    static String mirrorUrl(String project, String filename) {
        return "packages/source/" + project.charAt(0) + "/" + project + "/" + encode(filename);
    }

    /** Encodes a URL segment. */
    private static String encode(String filename) {
        return URLEncoder.encode(filename, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
