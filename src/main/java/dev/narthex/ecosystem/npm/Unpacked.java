package dev.narthex.ecosystem.npm;

import java.util.HashMap;
import java.util.Map;

/**
 * What clients want to know of a tarball's files before they fetch it. Kept among the notes of a release.
 *
 * @param files how many; 0 if nobody counted
 * @param bytes of all files together
 * @param gyp whether it has a {@code binding.gyp}, which npm builds when it installs
 * @param shrinkwrap whether it brings a lock of its own
 */
record Unpacked(int files, long bytes, boolean gyp, boolean shrinkwrap) {
    static final Unpacked NOTHING = new Unpacked(0, 0, false, false);

    private static final String FILES = "files";
    private static final String BYTES = "bytes";
    private static final String GYP = "gyp";
    private static final String SHRINKWRAP = "shrinkwrap";

    /** @param notes as {@link #notes} gives them; none are there for what was recognised before they were taken */
    static Unpacked of(Map<String, String> notes) {
        return new Unpacked(
                Integer.parseInt(notes.getOrDefault(FILES, "0")),
                Long.parseLong(notes.getOrDefault(BYTES, "0")),
                notes.containsKey(GYP),
                notes.containsKey(SHRINKWRAP));
    }

    /** @param path in the package */
    Unpacked and(String path, long size) {
        return new Unpacked(
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
