package dev.narthex.ecosystem.npm;

import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A package name, such as {@code lantern} or {@code @harbour/lantern}. Accepts the grammar for existing packages
 * (npm/validate-npm-package-name lib/index.js), including upper case, except names that need quoting in a URL or a shell.
 *
 * @param scope without the at sign; empty if there is none
 * @param base the part that file names begin with
 */
record NpmName(String scope, String base) {
    private static final Pattern NAME =
            Pattern.compile("(?:@([A-Za-z0-9~_-][A-Za-z0-9~._-]*)/)?([A-Za-z0-9~][A-Za-z0-9~._-]*)");
    private static final int MAX_LENGTH = 214;
    private static final Set<String> RESERVED = Set.of("node_modules", "favicon.ico");

    static Optional<NpmName> parse(String text) {
        var m = NAME.matcher(text);
        if (text.length() > MAX_LENGTH || !m.matches() || RESERVED.contains(text)) {
            return Optional.empty();
        }
        return Optional.of(new NpmName(m.group(1) == null ? "" : m.group(1), m.group(2)));
    }

    String tarball(String version) {
        return base + "-" + version + ".tgz";
    }

    @Override
    public String toString() {
        return scope.isEmpty() ? base : "@" + scope + "/" + base;
    }
}
