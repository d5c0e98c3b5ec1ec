package dev.narthex.store.pack;

import dev.narthex.db.Row;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * The name of a pack in a backend. A name is never reused.
 *
 * @param domain code of the pack's dedup domain, 8 hex digits; recovery needs nothing else to know the owner
 * @param id UUID of version 7; stays the same when the pack is moved to another backend
 * @param copy 0 for the pack as first written; each copy made by a move has its own number
 */
public record PackKey(String domain, UUID id, long copy) implements StoreKey {
    /** Folder of all packs. */
    public static final String FOLDER = "packs";

    private static final Pattern PATH = Pattern.compile(FOLDER
            + "/([0-9a-f]{8})/[0-9a-f]{2}/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?:\\.([1-9][0-9]{0,17}))?");

    /** Creates the key of a pack that is written for the first time. */
    public PackKey(String domain, UUID id) {
        this(domain, id, 0);
    }

    /** Creates a key from the columns code, key and copy of a row. */
    public static PackKey of(Row row) {
        return new PackKey(row.string("code"), row.uuid("key"), row.longValue("copy"));
    }

    /**
     * Path in a directory or bucket: {@code packs/<domain>/<last 2 hex digits of the id>/<id>}, for a copy {@code <id>.<copy>}.
     */
    @Override
    public String path() {
        var text = id.toString();
        return FOLDER + "/" + domain + "/" + text.substring(text.length() - 2) + "/" + temporaryName();
    }

    /** Parses a path; empty if it is not the path of a pack. */
    public static Optional<PackKey> parse(String path) {
        var matcher = PATH.matcher(path);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        long copy = Optional.ofNullable(matcher.group(3)).map(Long::parseLong).orElse(0L);
        return Optional.of(new PackKey(matcher.group(1), UUID.fromString(matcher.group(2)), copy))
                .filter(key -> key.path().equals(path));
    }

    @Override
    public String temporaryName() {
        return copy == 0 ? id.toString() : id + "." + copy;
    }
}
