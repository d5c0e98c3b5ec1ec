package dev.narthex.web.page;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Validates redirect targets from requests, to prevent open redirects. */
public final class LocalRedirect {
    /** A path on this site. Browsers interpret two slashes, or a slash and a backslash, as another host. */
    private static final Pattern PAGE = Pattern.compile("/(?![/\\\\])[\\x21-\\x7e]{0,2000}");

    private LocalRedirect() {}

    /** Returns the target, or the home page if it is not a path on this site. */
    public static String page(@Nullable String given) {
        return given != null && PAGE.matcher(given).matches() ? given : "/";
    }
}
