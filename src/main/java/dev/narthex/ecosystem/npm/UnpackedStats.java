package dev.narthex.ecosystem.npm;

import java.util.HashMap;
import java.util.Map;

/**
 * Statistics about a tarball's files that clients use before they fetch it. Stored in the notes of a release.
 *
 * @param files number of files; 0 if unknown
 * @param bytes total size of all files
 * @param gyp whether it has a {@code binding.gyp}, which npm builds on install
 * @param shrinkwrap whether it contains its own lockfile
 */
record UnpackedStats(int files, long bytes, boolean gyp, boolean shrinkwrap) {
    static final UnpackedStats NOTHING = new UnpackedStats(0, 0, false, false);

    private static final String FILES = "files";
    private static final String BYTES = "bytes";
    private static final String GYP = "gyp";
    private static final String SHRINKWRAP = "shrinkwrap";

    /** @param notes as returned by {@link #notes}; missing in releases that were recognized by older versions */
    static UnpackedStats of(Map<String, String> notes) {
        return new UnpackedStats(
                Integer.parseInt(notes.getOrDefault(FILES, "0")),
                Long.parseLong(notes.getOrDefault(BYTES, "0")),
                notes.containsKey(GYP),
                notes.containsKey(SHRINKWRAP));
    }

    /**
     * Adds a file.
     *
     * @param path in the package
     */
    UnpackedStats withFile(String path, long size) {
        return new UnpackedStats(
                files + 1,
                bytes + size,
                gyp || path.equals("binding.gyp"),
                shrinkwrap || path.equals("npm-shrinkwrap.json"));
    }

    Map<String, String> notes() {
        var notes = new HashMap<String, String>();
        notes.put(FILES, Integer.toString(files));
        notes.put(BYTES, Long.toString(bytes));
        if (gyp) {
            notes.put(GYP, "");
        }
        if (shrinkwrap) {
            notes.put(SHRINKWRAP, "");
        }
        return notes;
    }
}
