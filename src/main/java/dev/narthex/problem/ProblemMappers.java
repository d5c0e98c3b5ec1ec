package dev.narthex.problem;

import io.quarkus.arc.All;
import io.quarkus.logging.Log;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import jakarta.ws.rs.NotAllowedException;
import jakarta.ws.rs.NotFoundException;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;

/** Maps every exception to a problem and renders it for the protocol adapter that handles the request. */
class ProblemMappers {
    private static final List<String> BODY_READERS = List.of(
            "org.jboss.resteasy.reactive.server.vertx.VertxInputStream",
            "org.jboss.resteasy.reactive.server.handlers.FormBodyHandler");

    /** Header that every response has. */
    private static final String REQUEST_ID = "X-Request-Id";

    private final List<ProblemRenderer> faces;

    private final List<TransientFaults> outages;

    private final AllowedMethods methods;

    ProblemMappers(@All List<ProblemRenderer> renderers, @All List<TransientFaults> outages, AllowedMethods methods) {
        this.outages = outages;
        this.methods = methods;
        this.faces = renderers.stream()
                .sorted(Comparator.comparingInt(ProblemRenderer::order))
                .toList();
    }

    @ServerExceptionMapper
    Response problem(ProblemException e, UriInfo uri, HttpServerRequest request) {
        return render(e.problem(), uri, request);
    }

    /** Handles errors of the router: no such route, wrong method, unsupported type. */
    @ServerExceptionMapper
    Response fromWebApplication(WebApplicationException e, UriInfo uri, HttpServerRequest request) {
        var problem = switch (e) {
            case NotFoundException _, NotAllowedException _ -> new Problem.NotFound("page", uri.getPath());
            case WebApplicationException other -> forStatus(other);
        };
        if (problem == null) {
            return e.getResponse();
        }
        return problem instanceof Problem.NotFound
                ? methodNotAllowedOrNotFound(problem, uri, request)
                : render(problem, uri, request);
    }

    /**
     * Responds with 405 and an Allow header if the path supports other methods (RFC 9110 §15.5.6), whether or not the resource
     * exists.
     */
    private Response methodNotAllowedOrNotFound(Problem absent, UriInfo uri, HttpServerRequest request) {
        var known = methods.at(request.path());
        var asked = request.method().name();
        if (known.isEmpty() || known.contains(asked)) {
            return render(absent, uri, request);
        }
        var problem = new Problem.MethodNotAllowed(DetailText.shorten(asked) + " is not possible at this address.");
        return Response.fromResponse(render(problem, uri, request))
                .header("Allow", String.join(", ", known))
                .build();
    }

    private static @org.jspecify.annotations.Nullable Problem forStatus(WebApplicationException e) {
        return switch (e.getResponse().getStatus()) {
            case 400 -> new Problem.Mismatch("request", "A parameter or the body cannot be read.");
            case 406 -> new Problem.NotAcceptable("None of the media types that you accept is available.");
            case 413 -> new Problem.TooLarge("body", "The request body is too large.");
            case 415 -> new Problem.UnsupportedMediaType("This content type is not supported here.");
            default -> null;
        };
    }

    @ServerExceptionMapper
    Response unexpected(Throwable e, UriInfo uri, HttpServerRequest request) {
        for (var cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof UnreachableException unreachable) {
                Log.warnf("%s %s: %s", request.method(), DetailText.shorten(uri.getPath()), unreachable.getMessage());
                return render(unreachable.problem(), uri, request);
            }
        }
        if (whileReading(e)) {
            Log.debugf(e, "unreadable body of %s %s", request.method(), DetailText.shorten(uri.getPath()));
            var problem = new Problem.Mismatch("request", "The body is incomplete or does not match its headers.");
            return render(problem, uri, request);
        }
        if (isClientGone(e, request)) {
            Log.debugf(e, "client of %s %s left", request.method(), DetailText.shorten(uri.getPath()));
            return render(new Problem.Fault(""), uri, request);
        }
        var outage = outages.stream().flatMap(kind -> kind.of(e).stream()).findFirst();
        if (outage.isPresent()) {
            Log.warnf("%s %s: %s", request.method(), DetailText.shorten(uri.getPath()), e);
            return render(outage.get(), uri, request);
        }
        var fault = new Problem.Fault(
                Objects.requireNonNullElse(request.response().headers().get(REQUEST_ID), ""));
        Log.errorf(e, "fault %s %s %s", fault.id(), request.method(), DetailText.shorten(uri.getPath()));
        return render(fault, uri, request);
    }

    /** Whether the client disconnected before it received the whole response, judged by the connection. */
    private static boolean isClientGone(Throwable e, HttpServerRequest request) {
        for (var cause = e; cause != null; cause = cause.getCause()) {
            if (cause.getClass().getName().startsWith("io.netty.channel.")) {
                return true;
            }
        }
        return request.response().closed();
    }

    /**
     * Whether the framework failed to read the body: the client disconnected, or sent invalid chunks or an invalid form. It
     * throws many exception types in these cases, so the stack trace is examined.
     */
    private static boolean whileReading(Throwable e) {
        for (var cause = e; cause != null; cause = cause.getCause()) {
            for (var frame : cause.getStackTrace()) {
                if (BODY_READERS.stream().anyMatch(frame.getClassName()::startsWith)) {
                    return true;
                }
            }
        }
        return false;
    }

    private Response render(Problem problem, UriInfo uri, HttpServerRequest request) {
        var problemRequest = new ProblemRenderer.Request(
                request.method().name(),
                uri.getPath(),
                Objects.requireNonNullElse(request.getHeader("Accept"), ""),
                Objects.requireNonNullElse(request.getHeader("Sec-Fetch-Mode"), ""));
        var answer = faces.stream()
                .filter(renderer -> renderer.speaksFor(request.path()))
                .findFirst()
                .orElseThrow()
                .render(problem, problemRequest);
        tellReason(answer, request);
        return request.getHeader("Expect") == null ? answer : closeIfExpectContinue(answer, request);
    }

    /** Sends a renderer's custom reason phrase, because some clients display only the status line. */
    private static void tellReason(Response answer, HttpServerRequest request) {
        var reason = answer.getStatusInfo().getReasonPhrase();
        var usual = Response.Status.fromStatusCode(answer.getStatus());
        if (reason != null && !reason.isEmpty() && (usual == null || !reason.equals(usual.getReasonPhrase()))) {
            request.response().setStatusMessage(ReasonPhrase.of(reason));
        }
    }

    /**
     * A client that sent "Expect: 100-continue" and gets an error has not sent its body. Its next request on this connection
     * would be mistaken for that body, so the connection is closed (RFC 9110 §10.1.1).
     */
    private static Response closeIfExpectContinue(Response answer, HttpServerRequest request) {
        if (request.version() == HttpVersion.HTTP_2) {
            return answer;
        }
        request.response().endHandler(done -> request.connection().close());
        return Response.fromResponse(answer).header("Connection", "close").build();
    }
}
