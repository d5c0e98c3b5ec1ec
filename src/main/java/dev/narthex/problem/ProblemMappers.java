package dev.narthex.problem;

import io.quarkus.arc.All;
import io.quarkus.logging.Log;
import io.vertx.core.http.HttpServerRequest;
import jakarta.ws.rs.NotAllowedException;
import jakarta.ws.rs.NotFoundException;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;

/** The boundary: every exception becomes a problem here, once, in the words of the face that was asked. */
class ProblemMappers {
    private final List<ProblemFace> faces;

    ProblemMappers(@All List<ProblemFace> faces) {
        this.faces = faces.stream()
                .sorted(Comparator.comparingInt(ProblemFace::order))
                .toList();
    }

    @ServerExceptionMapper
    Response problem(ProblemException e, UriInfo uri, HttpServerRequest request) {
        return render(e.problem(), uri, request);
    }

    /** What the router itself refuses: no such route, another method, another type. */
    @ServerExceptionMapper
    Response refused(WebApplicationException e, UriInfo uri, HttpServerRequest request) {
        var problem = switch (e) {
            case NotFoundException notFound -> new Problem.NotFound("page", uri.getPath());
            case NotAllowedException notAllowed ->
                new Problem.MethodNotAllowed(request.method() + " is not possible at this address.");
            case WebApplicationException other -> other(other);
        };
        return problem == null ? e.getResponse() : render(problem, uri, request);
    }

    private static @org.jspecify.annotations.Nullable Problem other(WebApplicationException e) {
        return switch (e.getResponse().getStatus()) {
            case 400 -> new Problem.Malformed("request", "", "a parameter or the body cannot be read.");
            case 406 -> new Problem.NotAcceptable("None of the forms that you accept can be given.");
            case 415 -> new Problem.UnsupportedMediaType("A body of this type cannot be read here.");
            default -> null;
        };
    }

    @ServerExceptionMapper
    Response fault(Throwable e, UriInfo uri, HttpServerRequest request) {
        if (closed(e)) {
            return Response.status(400).build(); // nobody is there to read it
        }
        var fault = new Problem.Fault(UUID.randomUUID().toString().substring(0, 8));
        Log.errorf(e, "fault %s %s %s", fault.id(), request.method(), uri.getPath());
        return render(fault, uri, request);
    }

    private static boolean closed(Throwable e) {
        return e instanceof java.io.IOException && e.getCause() instanceof io.vertx.core.http.HttpClosedException;
    }

    private Response render(Problem problem, UriInfo uri, HttpServerRequest request) {
        var asked = new ProblemFace.Request(
                request.method().name(),
                uri.getPath(),
                Objects.requireNonNullElse(request.getHeader("Accept"), ""),
                Objects.requireNonNullElse(request.getHeader("Sec-Fetch-Mode"), ""));
        return faces.stream()
                .filter(face -> face.speaksFor(asked.path()))
                .findFirst()
                .orElseThrow()
                .render(problem, asked);
    }
}
