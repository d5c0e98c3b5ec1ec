package dev.narthex.ecosystem.npm;

import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.Response.ResponseBuilder;
import java.util.regex.Pattern;

/** Adds a message to a response that npm prints beside its own output (npm/npm-registry-fetch lib/check-response.js). */
final class NpmNotice {
    private static final String HEADER = "npm-notice";

    /** Characters that are safe in a header. */
    private static final Pattern PRINTABLE = Pattern.compile("[!-~]{1,100}");

    private NpmNotice() {}

    /** @param who a user's name; omitted if a header cannot hold it */
    static Response addTo(ResponseBuilder answer, String who, String what) {
        var name = PRINTABLE.matcher(who).matches() ? who : "This person";
        return answer.header(HEADER, name + " " + what).build();
    }
}
