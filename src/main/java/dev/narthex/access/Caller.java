package dev.narthex.access;

import jakarta.enterprise.context.RequestScoped;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Who makes this request; looked up once, when first asked. */
@RequestScoped
class Caller {
    private final Tokens tokens;
    private final HttpHeaders headers;
    private @Nullable Principal known;

    Caller(Tokens tokens, @Context HttpHeaders headers) {
        this.tokens = tokens;
        this.headers = headers;
    }

    Principal principal() {
        var found = known;
        if (found == null) {
            var header = Optional.ofNullable(headers.getHeaderString(HttpHeaders.AUTHORIZATION));
            found = Credential.secret(header).map(tokens::principal).orElse(new Principal.Anonymous());
            known = found;
        }
        return found;
    }
}
