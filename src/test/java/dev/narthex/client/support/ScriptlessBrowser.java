package dev.narthex.client.support;

import java.io.IOException;
import java.net.CookieManager;
import java.net.CookiePolicy;
import java.net.HttpCookie;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** A browser without scripts: it keeps cookies, and follows redirects only when told to. */
public final class ScriptlessBrowser {
    private static final int MAX_REDIRECTS = 10;

    private final Server server;
    private final CookieManager cookies = new CookieManager(null, CookiePolicy.ACCEPT_ALL);
    private final HttpClient http;

    public ScriptlessBrowser(Server server) {
        this.server = server;
        this.http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .cookieHandler(cookies)
                .build();
    }

    public HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return get(server.uri(path));
    }

    public HttpResponse<String> get(URI address) throws IOException, InterruptedException {
        return send(HttpRequest.newBuilder(address).GET());
    }

    public HttpResponse<String> post(String path, Map<String, String> form, String... headers)
            throws IOException, InterruptedException {
        var body = form.entrySet().stream()
                .map(field -> field.getKey() + "=" + URLEncoder.encode(field.getValue(), StandardCharsets.UTF_8))
                .collect(Collectors.joining("&"));
        var request = HttpRequest.newBuilder(server.uri(path))
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(BodyPublishers.ofString(body));
        return send(headers.length == 0 ? request : request.headers(headers));
    }

    /** Follows a link to JSON. */
    public HttpResponse<String> json(String path) throws IOException, InterruptedException {
        return send(HttpRequest.newBuilder(server.uri(path)).GET(), "application/json");
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        return send(request, "text/html");
    }

    private HttpResponse<String> send(HttpRequest.Builder request, String accept)
            throws IOException, InterruptedException {
        return http.send(
                request.header("Accept", accept).timeout(Duration.ofMinutes(1)).build(), BodyHandlers.ofString());
    }

    /** Returns the page after all redirects. */
    public HttpResponse<String> follow(String path) throws IOException, InterruptedException {
        return follow(server.uri(path));
    }

    public HttpResponse<String> follow(URI address) throws IOException, InterruptedException {
        var answer = get(address);
        for (int i = 0; i < MAX_REDIRECTS && answer.statusCode() / 100 == 3; i++) {
            answer = get(
                    answer.uri().resolve(answer.headers().firstValue("Location").orElseThrow()));
        }
        return answer;
    }

    public HttpResponse<String> signIn() throws IOException, InterruptedException {
        return follow("/oidc/start?to=/status");
    }

    /** Returns the hidden CSRF token of a form of this page. */
    public String key(String path) throws IOException, InterruptedException {
        return first("name=\"key\" value=\"([0-9a-f]+)\"", get(path).body());
    }

    public static String first(String pattern, String text) {
        var matcher = Pattern.compile(pattern).matcher(text);
        if (!matcher.find()) {
            throw new AssertionError("no " + pattern + " in " + text);
        }
        return matcher.group(1);
    }

    /** Replaces the session cookies by unreadable ones. */
    public void spoil() {
        session()
                .forEach(name -> cookies.getCookieStore().getCookies().stream()
                        .filter(cookie -> cookie.getName().equals(name))
                        .forEach(cookie ->
                                cookie.setValue("x" + cookie.getValue().substring(1))));
    }

    public List<String> session() {
        return cookies.getCookieStore().getCookies().stream()
                .map(HttpCookie::getName)
                .filter(name -> name.startsWith("q_session"))
                .toList();
    }
}
