package dev.narthex.web;

import dev.narthex.access.ForPeople;
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
 * What all answers say of who may keep them, and what browsers are told about pages; here and nowhere else, so that no endpoint
 * can forget it. An endpoint that says more keeps its words.
 *
 * <p>Who sent a credential may have been told what others may not see, so nothing that he was told is for shared caches, and a
 * page of it is for no cache at all: another reader of the same browser would find it. Programs keep their ETags. What has
 * nothing to say about it, such as the answer to a write, is kept by nobody.
 */
class SafeAnswers {
    private static final String UNKEPT = "no-store";
    private static final String ON_WHOM = "Cookie, Authorization";

    /** What registries serve as HTML is read by programs, and the same for all whom it is served to. */
    private static final String FACES = "/registry/";

    private final Map<String, String> ofPages;

    SafeAnswers(@ConfigProperty(name = "narthex.url") String url) {
        var headers = new LinkedHashMap<>(Answers.SAFE);
        if (url.startsWith("https:")) {
            headers.put("Strict-Transport-Security", "max-age=31536000");
        }
        this.ofPages = Map.copyOf(headers);
    }

    @ServerResponseFilter
    void say(ContainerRequestContext request, ContainerResponseContext answer, ResourceInfo endpoint) {
        var headers = answer.getHeaders();
        var type = endpoint.getResourceClass();
        boolean forPeople = type != null && type.isAnnotationPresent(ForPeople.class);
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
        keep(headers, page, known(request, forPeople || type == null));
    }

    /** Whether the request carries what may let its sender see more than others. Programs are not known by cookies. */
    private static boolean known(ContainerRequestContext request, boolean byCookies) {
        return request.getHeaders().containsKey(HttpHeaders.AUTHORIZATION)
                || (byCookies
                        && request.getCookies().keySet().stream()
                                .anyMatch(name -> name.startsWith(SignIn.SESSION_COOKIE)));
    }

    private static void keep(MultivaluedMap<String, Object> headers, boolean page, boolean known) {
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
