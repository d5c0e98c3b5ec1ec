package dev.narthex.access;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Redirect;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jose4j.http.SimpleGet;
import org.jose4j.http.SimpleResponse;

/**
 * The HTTP client for documents of ID token issuers. Responses are limited in size and total time, and redirects are not followed.
 */
final class IssuerHttpClient implements SimpleGet {
    private static final int MAX_BYTES = 256 << 10;
    private static final int OK = 200;

    private final Duration patience;
    private final HttpClient http;

    IssuerHttpClient(Duration timeout) {
        this.patience = timeout;
        this.http = HttpClient.newBuilder()
                .followRedirects(Redirect.NEVER)
                .connectTimeout(timeout)
                .build();
    }

    @Override
    public SimpleResponse get(String location) throws IOException {
        var request = HttpRequest.newBuilder(URI.create(location))
                .timeout(patience)
                .header("Accept", "application/json")
                .build();
        // The request timeout ends with the response headers; the wait below also covers the body.
        var response = http.sendAsync(request, BodyHandlers.limiting(BodyHandlers.ofString(), MAX_BYTES));
        try {
            var answer = response.get(patience.toMillis(), TimeUnit.MILLISECONDS);
            if (answer.statusCode() != OK) {
                throw new IOException(location + " answers " + answer.statusCode());
            }
            return new IssuerResponse(answer.body(), answer.headers().map());
        } catch (ExecutionException | TimeoutException e) {
            throw new IOException(location + " does not answer as it should", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw (IOException) new InterruptedIOException(location).initCause(e);
        } finally {
            response.cancel(true);
        }
    }

    private record IssuerResponse(String body, Map<String, List<String>> headers) implements SimpleResponse {
        @Override
        public int getStatusCode() {
            return OK;
        }

        @Override
        public String getStatusMessage() {
            return "OK";
        }

        @Override
        public Collection<String> getHeaderNames() {
            return headers.keySet();
        }

        @Override
        public List<String> getHeaderValues(String name) {
            return headers.entrySet().stream()
                    .filter(header -> header.getKey().equalsIgnoreCase(name))
                    .findFirst()
                    .map(Map.Entry::getValue)
                    .orElse(List.of());
        }

        @Override
        public String getBody() {
            return body;
        }
    }
}
