package dev.narthex.web.page;

import dev.narthex.access.BrowserEndpoint;
import dev.narthex.access.SignIn;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerResponseContext;
import jakarta.ws.rs.container.ResourceInfo;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MultivaluedMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.resteasy.reactive.server.ServerResponseFilter;

/**
 * Sets cache and security headers on all responses, in one place, so that no endpoint can forget them. Headers that an endpoint
 * sets itself are kept, except that Cache-Control may be tightened.
 *
 * <p>A response to a request with credentials may contain data that others must not see, so shared caches must not store it. Pages
 * must not be stored at all, because another user of the same browser could see them; responses for programs may be stored
 * privately and keep their ETags. Responses without Cache-Control, such as those to writes, are not stored.
 */
class SecurityHeaders {
    private static final String UNKEPT = "no-store";
    private static final String ON_WHOM = "Cookie, Authorization";

    /** HTML below this path is read by programs and does not depend on the user. */
    private static final String FACES = "/registry/";

    private final Map<String, String> ofPages;

    SecurityHeaders(@ConfigProperty(name = "narthex.url") String url) {
        var headers = new LinkedHashMap<>(PageResponses.SAFE);
        if (url.startsWith("https:")) {
            headers.put("Strict-Transport-Security", "max-age=31536000");
        }
        this.ofPages = Map.copyOf(headers);
    }

    @ServerResponseFilter
    void apply(ContainerRequestContext request, ContainerResponseContext answer, ResourceInfo endpoint) {
        var headers = answer.getHeaders();
        var type = endpoint.getResourceClass();
        boolean forPeople = type != null && type.isAnnotationPresent(BrowserEndpoint.class);
        boolean html = text(headers, HttpHeaders.CONTENT_TYPE).startsWith("text/html");
        boolean page = html && !request.getUriInfo().getPath().startsWith(FACES);
        if (forPeople || html) {
            ofPages.forEach((name, value) -> {
                if (!headers.containsKey(name)) {
                    headers.putSingle(name, value);
                }
            });
            if ((forPeople || page) && !text(headers, HttpHeaders.VARY).contains("Cookie")) {
                headers.add(HttpHeaders.VARY, ON_WHOM);
            }
        }
        cacheControl(headers, page, isAuthenticated(request, forPeople || type == null));
    }

    /**
     * Returns whether the request has credentials with which its sender may see more than others. Cookies only authenticate
     * requests to pages.
     */
    private static boolean isAuthenticated(ContainerRequestContext request, boolean byCookies) {
        return request.getHeaders().containsKey(HttpHeaders.AUTHORIZATION)
                || (byCookies
                        && request.getCookies().keySet().stream()
                                .anyMatch(name -> name.startsWith(SignIn.SESSION_COOKIE)));
    }

    private static void cacheControl(MultivaluedMap<String, Object> headers, boolean page, boolean known) {
        var said = text(headers, HttpHeaders.CACHE_CONTROL);
        if (said.isEmpty()) {
            headers.putSingle(HttpHeaders.CACHE_CONTROL, UNKEPT);
        } else if (known && !said.contains(UNKEPT)) {
            headers.putSingle(
                    HttpHeaders.CACHE_CONTROL,
                    page ? "private, " + UNKEPT : "private, " + said.replaceAll("\\b(public|private), ", ""));
        }
    }

    private static String text(MultivaluedMap<String, Object> headers, String name) {
        return String.valueOf(Objects.requireNonNullElse(headers.getFirst(name), ""));
    }
}
