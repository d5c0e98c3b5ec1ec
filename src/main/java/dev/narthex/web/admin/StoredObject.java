package dev.narthex.web.admin;

import dev.narthex.nix.StorePath;
import dev.narthex.web.view.Urls;
import java.util.Optional;
import java.util.regex.Pattern;

/** A store path in an audit log entry. */
public record StoredObject(String hash, String name) {
    private static final Pattern BASE = Pattern.compile("([0-9a-df-np-sv-z]{32})-(\\S+)");

    /** Parses the object of an entry; empty if it is not a store path but, for example, a member, a URL or a build log. */
    public static Optional<StoredObject> of(String object) {
        var base = BASE.matcher(object.replaceFirst("^" + StorePath.STORE_DIR + "/", ""));
        return base.matches() ? Optional.of(new StoredObject(base.group(1), base.group(2))) : Optional.empty();
    }

    public String url(String cache) {
        return Urls.storePath(cache, hash);
    }
}
