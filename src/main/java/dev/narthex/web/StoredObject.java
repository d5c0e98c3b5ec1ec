package dev.narthex.web;

import dev.narthex.nix.StorePath;
import dev.narthex.web.view.Urls;
import java.util.Optional;
import java.util.regex.Pattern;

/** A store path that the audit names as what something was done to. */
record StoredObject(String hash, String name) {
    private static final Pattern BASE = Pattern.compile("([0-9a-df-np-sv-z]{32})-(\\S+)");

    /** Empty for what else it may be: a member, an address, the log of a path. */
    static Optional<StoredObject> of(String object) {
        var base = BASE.matcher(object.replaceFirst("^" + StorePath.STORE_DIR + "/", ""));
        return base.matches() ? Optional.of(new StoredObject(base.group(1), base.group(2))) : Optional.empty();
    }

    String url(String cache) {
        return Urls.storePath(cache, hash);
    }
}
