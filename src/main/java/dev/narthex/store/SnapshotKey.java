package dev.narthex.store;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The name of a part of a snapshot of the database.
 *
 * @param snapshot its id: when it was begun, in UTC, and 4 random hex digits, such as {@code 20261129T001000Z-3f2a}
 * @param name lower case letters, digits and underscores, with an ending
 */
public record SnapshotKey(String snapshot, String name) implements StoreKey {
    /** All snapshots lie below. */
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

    /** The key whose path this is, if it is one of a snapshot's. */
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
    public String unfinished() {
        return "snapshot-" + snapshot + "-" + name;
    }
}
