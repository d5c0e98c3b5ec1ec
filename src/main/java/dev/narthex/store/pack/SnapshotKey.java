package dev.narthex.store.pack;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The name of a file that belongs to a database snapshot.
 *
 * @param snapshot id of the snapshot: its start time in UTC and 4 random hex digits, such as {@code 20261129T001000Z-3f2a}
 * @param name lowercase letters, digits and underscores, with a file extension
 */
public record SnapshotKey(String snapshot, String name) implements StoreKey {
    /** Folder of all snapshots. */
    public static final String FOLDER = "snapshots";

    private static final Pattern ID = Pattern.compile("\\d{8}T\\d{6}Z-[0-9a-f]{4}");
    private static final Pattern NAME = Pattern.compile("[a-z0-9_]+\\.[a-z]+");

    public SnapshotKey {
        if (!isId(snapshot) || !NAME.matcher(name).matches()) {
            throw new IllegalArgumentException(snapshot + "/" + name);
        }
    }

    public static boolean isId(String text) {
        return ID.matcher(text).matches();
    }

    /** Parses a path; empty if it is not the path of a snapshot file. */
    public static Optional<SnapshotKey> parse(String path) {
        var parts = path.split("/", -1);
        return parts.length == 3
                        && parts[0].equals(FOLDER)
                        && isId(parts[1])
                        && NAME.matcher(parts[2]).matches()
                ? Optional.of(new SnapshotKey(parts[1], parts[2]))
                : Optional.empty();
    }

    @Override
    public String path() {
        return FOLDER + "/" + snapshot + "/" + name;
    }

    @Override
    public String temporaryName() {
        return "snapshot-" + snapshot + "-" + name;
    }
}
