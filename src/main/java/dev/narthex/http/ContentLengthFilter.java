package dev.narthex.http;

import jakarta.ws.rs.HttpMethod;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerResponseContext;
import jakarta.ws.rs.core.HttpHeaders;
import java.nio.charset.StandardCharsets;
import org.jboss.resteasy.reactive.server.ServerResponseFilter;

/** Sets Content-Length for short bodies, so that the response to HEAD has the same length as the one to GET. */
class ContentLengthFilter {
    @ServerResponseFilter
    void setContentLength(ContainerRequestContext request, ContainerResponseContext response) {
        if (response.getHeaders().containsKey(HttpHeaders.CONTENT_LENGTH)) {
            return;
        }
        switch (response.getEntity()) {
            case String text -> {
                var bytes = text.getBytes(StandardCharsets.UTF_8);
                response.setEntity(bytes);
                response.getHeaders().putSingle(HttpHeaders.CONTENT_LENGTH, bytes.length);
            }
            case byte[] bytes -> response.getHeaders().putSingle(HttpHeaders.CONTENT_LENGTH, bytes.length);
            case null -> {
                boolean hasNoBody = response.getStatus() == 204 || response.getStatus() == 304;
                if (request.getMethod().equals(HttpMethod.HEAD) && !hasNoBody) {
                    response.getHeaders().putSingle(HttpHeaders.CONTENT_LENGTH, 0);
                }
            }
            case Object other -> {}
        }
    }
}
