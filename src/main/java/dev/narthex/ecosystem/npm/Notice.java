package dev.narthex.ecosystem.npm;

import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.Response.ResponseBuilder;
import java.util.regex.Pattern;

/** What npm prints beside what it believes to have done (npm/npm-registry-fetch lib/check-response.js). */
final class Notice {
    private static final String HEADER = "npm-notice";

    /** A header holds no others. */
    private static final Pattern PRINTABLE = Pattern.compile("[!-~]{1,100}");

    private Notice() {}

    /** @param who somebody's name, which is told only if a header can hold it */
    static Response on(ResponseBuilder answer, String who, String what) {
        var name = PRINTABLE.matcher(who).matches() ? who : "This person";
        return answer.header(HEADER, name + " " + what).build();
    }
}
