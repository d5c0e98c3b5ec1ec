package dev.narthex.store;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * The name of a pack in a backend. Never used twice.
 *
 * @param domain the code of the domain that the pack belongs to, 8 hex digits: all that a recovery needs to know of its owner
 * @param id version 7; the same for ever
 * @param copy zero as the pack was written first, another number for each copy in another backend
 */
public record PackKey(String domain, UUID id, long copy) implements StoreKey {
    /** All packs lie below. */
    public static final String FOLDER = "packs";

    private static final Pattern PATH = Pattern.compile(FOLDER
            + "/([0-9a-f]{8})/[0-9a-f]{2}/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?:\\.([1-9][0-9]{0,17}))?");

    /** As a pack is written first. */
    public PackKey(String domain, UUID id) {
        this(domain, id, 0);
    }

    /** Of a row with the columns code, key and copy. */
    static PackKey of(ResultSet row) throws SQLException {
        return new PackKey(row.getString("code"), row.getObject("key", UUID.class), row.getLong("copy"));
    }

    /** The same in a directory and in a bucket: {@code packs/<domain>/<last 2 hex of the id>/<id>}, a copy {@code <id>.<copy>}. */
    @Override
    public String path() {
        var text = id.toString();
        return FOLDER + "/" + domain + "/" + text.substring(text.length() - 2) + "/" + unfinished();
    }

    /** The key whose path this is, if it is a pack's. */
    static Optional<PackKey> parse(String path) {
        var parts = PATH.matcher(path);
        if (!parts.matches()) {
            return Optional.empty();
        }
        long copy = Optional.ofNullable(parts.group(3)).map(Long::parseLong).orElse(0L);
        return Optional.of(new PackKey(parts.group(1), UUID.fromString(parts.group(2)), copy))
                .filter(key -> key.path().equals(path));
    }

    @Override
    public String unfinished() {
        return copy == 0 ? id.toString() : id + "." + copy;
    }
}
