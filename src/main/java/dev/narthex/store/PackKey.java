package dev.narthex.store;

import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * The name of a pack in a backend. Never used twice.
 *
 * @param domain the code of the domain that the pack belongs to, 8 hex digits: all that a recovery needs to know of its owner
 * @param id version 7
 */
public record PackKey(String domain, UUID id) implements StoreKey {
    /** All packs lie below. */
    static final String FOLDER = "packs";

    private static final Pattern PATH =
            Pattern.compile(FOLDER + "/([0-9a-f]{8})/[0-9a-f]{2}/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})");

    /** The same in a directory and in a bucket: {@code packs/<domain>/<last 2 hex of the id>/<id>}. */
    @Override
    public String path() {
        var text = id.toString();
        return FOLDER + "/" + domain + "/" + text.substring(text.length() - 2) + "/" + text;
    }

    /** The key whose path this is, if it is a pack's. */
    static Optional<PackKey> parse(String path) {
        var parts = PATH.matcher(path);
        return parts.matches()
                ? Optional.of(new PackKey(parts.group(1), UUID.fromString(parts.group(2))))
                        .filter(key -> key.path().equals(path))
                : Optional.empty();
    }

    @Override
    public String unfinished() {
        return id.toString();
    }
}
