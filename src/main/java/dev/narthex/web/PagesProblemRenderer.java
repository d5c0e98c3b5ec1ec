package dev.narthex.web;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.narthex.access.Access;
import dev.narthex.problem.Problem;
import dev.narthex.problem.ProblemRenderer;
import dev.narthex.publish.recognize.ReleaseRecognition;
import dev.narthex.web.page.Feed;
import dev.narthex.web.page.InstalledEcosystems;
import dev.narthex.web.page.PageAddress;
import dev.narthex.web.page.PageLayoutBuilder;
import dev.narthex.web.page.PageRequest;
import dev.narthex.web.page.PageResponses;
import dev.narthex.web.page.Templates;
import dev.narthex.web.path.OtherCaches;
import dev.narthex.web.search.DidYouMean;
import dev.narthex.web.view.ErrorView;
import dev.narthex.web.view.ErrorView.OtherCopy;
import dev.narthex.web.view.ErrorView.RecognitionPending;
import dev.narthex.web.view.Hit;
import dev.narthex.web.view.Urls;
import io.quarkus.logging.Log;
import io.vertx.core.http.HttpServerRequest;
import jakarta.inject.Provider;
import jakarta.inject.Singleton;
import jakarta.ws.rs.core.Response;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Renders problems as HTML pages for browsers, and as problem details (RFC 9457) for other clients and the management API. It has
 * the lowest precedence and handles all paths that no other protocol adapter claims. To users who have not signed in, private
 * pages look the same as missing ones.
 */
@Singleton
class PagesProblemRenderer implements ProblemRenderer {
    /** Pushed paths are usually recognized within a second, unless very many are pushed at the same time. */
    private static final int RECOGNITION_SECONDS = 2;

    private static final int MAX_RECOGNIZING = 5;
    private static final String PROBLEM = "application/problem+json";

    private final Provider<HttpServerRequest> http;
    private final Provider<Access> access;
    private final Provider<DidYouMean> nearNames;
    private final Provider<OtherCaches> elsewhere;
    private final Provider<PageLayoutBuilder> frames;
    private final Provider<InstalledEcosystems> ecosystems;
    private final Provider<ReleaseRecognition> recognition;
    private final ObjectMapper json;

    PagesProblemRenderer(
            Provider<HttpServerRequest> http,
            Provider<Access> access,
            Provider<DidYouMean> nearNames,
            Provider<OtherCaches> otherCaches,
            Provider<PageLayoutBuilder> frames,
            Provider<InstalledEcosystems> ecosystems,
            Provider<ReleaseRecognition> recognition,
            ObjectMapper json) {
        this.http = http;
        this.access = access;
        this.nearNames = nearNames;
        this.elsewhere = otherCaches;
        this.frames = frames;
        this.ecosystems = ecosystems;
        this.recognition = recognition;
        this.json = json;
    }

    @Override
    public boolean speaksFor(String path) {
        return true;
    }

    @Override
    public int order() {
        return Integer.MAX_VALUE;
    }

    @Override
    public Response render(Problem problem, Request request) {
        boolean page = request.accept().toLowerCase(Locale.ROOT).contains("text/html")
                && !request.path().equals("/api")
                && !request.path().startsWith("/api/")
                && !request.path().startsWith("/_api/");
        return page ? page(problem, request) : json(problem, request.path());
    }

    private Response page(Problem problem, Request request) {
        var pageRequest = PageRequest.page(http.get());
        var rendered = problem instanceof Problem.Unauthorized ? pageNotFound(request) : problem;
        var name = name(rendered);
        var recognizing = pendingRecognition(rendered, request.path());
        var view = new ErrorView(
                rendered.status(),
                rendered.title(),
                rendered.detail(),
                name,
                recognizing.isEmpty() ? similarPackages(rendered, name, request.path()) : List.of(),
                rendered.instead().orElse(""),
                recognizing,
                otherCopies(rendered, request.path()));
        var body = PageResponses.body(
                pageRequest,
                Templates.error(frames.get().of(pageRequest, name), view).render(),
                PageResponses.HTML,
                rendered.status());
        retryAfter(rendered, recognizing).ifPresent(seconds -> body.header("Retry-After", seconds));
        if (!recognizing.isEmpty()) {
            body.header("Refresh", RECOGNITION_SECONDS);
        }
        return body.header("Cache-Control", "no-store").build().toResponse();
    }

    private static Problem pageNotFound(Request request) {
        return new Problem.NotFound("page", request.path());
    }

    private static String name(Problem problem) {
        return problem instanceof Problem.NotFound missing && !missing.name().startsWith("/")
                ? missing.name().split(" ", 2)[0]
                : "";
    }

    /**
     * Finds similar names, in the requested cache if the user may see it. Suggestions are optional: if the database is
     * unavailable, the page is shown without them.
     */
    private List<Hit> similarPackages(Problem problem, String name, String path) {
        if (name.isEmpty() || problem.status() != 404) {
            return List.of();
        }
        return orEmpty(() -> {
            var visible = access.get().visible();
            var readable = visible.stream()
                    .filter(cache -> path.startsWith("/" + cache.name() + "/"))
                    .toList();
            return nearNames.get().of(readable.isEmpty() ? visible : readable, name);
        });
    }

    /** Finds the requested store path in other caches, because users with a hash part often do not know which cache has it. */
    private List<OtherCopy> otherCopies(Problem problem, String path) {
        return problem.status() == 404 && PageAddress.parse(path).orElse(null) instanceof PageAddress.PathPage page
                ? orEmpty(() -> elsewhere.get().of(page, access.get().visible()))
                : List.of();
    }

    /**
     * Returns recently pushed store paths that may contain the missing package but are not recognized yet. The status remains 404,
     * because they may be something else, and the response tells clients when to retry.
     */
    private List<RecognitionPending> pendingRecognition(Problem problem, String path) {
        if (problem.status() != 404
                || !(PageAddress.parse(path).orElse(null) instanceof PageAddress.PackagePage page)) {
            return List.of();
        }
        return orEmpty(() -> access.get().visible().stream()
                .filter(cache -> cache.name().equals(page.cache()))
                .flatMap(cache -> ecosystems.get().find(page.ecosystem()).stream()
                        .flatMap(ecosystem -> recognition.get().listQueued(cache, ecosystem, page.name()).stream()))
                .limit(MAX_RECOGNIZING)
                .map(found -> new RecognitionPending(Urls.storePath(page.cache(), found.hash()), found.toString()))
                .toList());
    }

    private static Optional<Integer> retryAfter(Problem problem, List<RecognitionPending> recognizing) {
        return problem.retryAfter().or(() -> Optional.of(RECOGNITION_SECONDS).filter(_ -> !recognizing.isEmpty()));
    }

    private static <T> List<T> orEmpty(Supplier<List<T>> query) {
        try {
            return query.get();
        } catch (RuntimeException e) {
            Log.warnf("no suggestions beside a 404: %s", e.getMessage());
            return List.of();
        }
    }

    /**
     * Returns the challenge for a 401. Feed readers only support a user name and password, so they use Basic with the token as
     * password.
     */
    private static String challenge(String path) {
        return (path.startsWith(Feed.PREFIX + "/") ? "Basic" : "Bearer") + " realm=\"Narthex\"";
    }

    private Response json(Problem problem, String path) {
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("status", problem.status());
        members.put("title", problem.title());
        members.put("detail", problem.detail());
        problem.field().ifPresent(field -> members.put("field", field));
        problem.instead().ifPresent(address -> members.put("instead", address));
        var copies = path.startsWith(PageRequest.API + "/")
                ? otherCopies(problem, path.substring(PageRequest.API.length()))
                : List.<OtherCopy>of();
        if (!copies.isEmpty()) {
            members.put("copies", copies);
        }
        var recognizing = path.startsWith(PageRequest.API + "/")
                ? pendingRecognition(problem, path.substring(PageRequest.API.length()))
                : List.<RecognitionPending>of();
        if (!recognizing.isEmpty()) {
            members.put("recognizing", recognizing);
        }
        var answer = Response.status(problem.status())
                .type(PROBLEM)
                .header("X-Content-Type-Options", "nosniff")
                .header("Cache-Control", "no-store")
                .entity(json.valueToTree(members).toString());
        if (problem instanceof Problem.Unauthorized) {
            answer.header("WWW-Authenticate", challenge(path));
        }
        retryAfter(problem, recognizing).ifPresent(seconds -> answer.header("Retry-After", seconds));
        return answer.build();
    }
}
