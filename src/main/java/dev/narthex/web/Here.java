package dev.narthex.web;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Addresses of this site that came with a request, to go back to. */
final class Here {
    /** Browsers read two slashes, or a slash and a backslash, as another site. */
    private static final Pattern PAGE = Pattern.compile("/(?![/\\\\])[\\x21-\\x7e]{0,2000}");

    private Here() {}

    /** The home page in place of any other site. */
    static String page(@Nullable String given) {
        return given != null && PAGE.matcher(given).matches() ? given : "/";
    }
}
