package dev.narthex.store;

import java.util.UUID;

/**
 * The name of a pack in a backend. Never used twice.
 *
 * @param domain the code of the domain that the pack belongs to, 8 hex digits: all that a recovery needs to know of its owner
 * @param id version 7
 */
public record PackKey(String domain, UUID id) {
    /** The same in a directory and in a bucket: {@code packs/<domain>/<last 2 hex of the id>/<id>}. */
    public String path() {
        var text = id.toString();
        return "packs/" + domain + "/" + text.substring(text.length() - 2) + "/" + text;
    }
}
