package dev.narthex.vault.imports;

import dev.narthex.problem.Problem;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Reads another binary cache over HTTP. Uses {@link HttpURLConnection} because its reads can time out; those of the newer client
 * wait indefinitely for a server that stops in the middle of a body.
 */
public final class RemoteCache {
    private static final int MAX_REDIRECTS = 5;
    private static final int MAX_TEXT = 1 << 20;
    private static final int CONNECT_MILLIS = 10_000;
    private static final int SHORT = 64 * 1024;

    private final SourceUrl url;
    private final boolean privateAddresses;
    private final VaultConfig config;

    public RemoteCache(SourceUrl url, boolean privateAddresses, VaultConfig config) {
        this.url = url;
        this.privateAddresses = privateAddresses;
        this.config = config;
    }

    /** Returns a small text; empty if the source does not have it. */
    public Optional<String> text(String target) throws IOException {
        var response = open(target);
        if (response.isEmpty()) {
            return Optional.empty();
        }
        try (var body = response.get()) {
            var bytes = body.readNBytes(MAX_TEXT + 1);
            if (bytes.length > MAX_TEXT) {
                throw Problem.tooLarge(target, target + " of the source has more than 1 MiB.");
            }
            return Optional.of(new String(bytes, StandardCharsets.UTF_8));
        }
    }

    /**
     * Opens a body of any length. Empty if the source does not have it; S3 returns 403 in that case.
     *
     * @param target relative to the source, or absolute
     * @throws IOException if a retry may help
     * @throws dev.narthex.problem.ProblemException if a retry will not help
     */
    Optional<InputStream> open(String target) throws IOException {
        var at = url.resolve(target);
        for (int hop = 0; hop <= MAX_REDIRECTS; hop++) {
            var connection = connect(at);
            int status = connection.getResponseCode();
            switch (status) {
                case 200 -> {
                    return Optional.of(new MinimumRateInputStream(connection.getInputStream(), config.stalledAfter()));
                }
                case 401 -> {
                    drain(connection);
                    throw rejected("wants a credential. Start this server with NARTHEX_IMPORT_NETRC, a file with"
                            + " machine " + at.getHost() + " login … password …");
                }
                case 403, 404, 410 -> {
                    drain(connection);
                    return Optional.empty();
                }
                case 301, 302, 303, 307, 308 -> {
                    at = redirected(at, Optional.ofNullable(connection.getHeaderField("Location")));
                    drain(connection);
                }
                case 408, 429, 500, 502, 503, 504 -> {
                    var busy = new BusyException(status, connection.getHeaderFieldInt("Retry-After", 0));
                    drain(connection);
                    throw busy;
                }
                default -> {
                    drain(connection);
                    throw rejected("answered " + at + " with status " + status + ".");
                }
            }
        }
        throw rejected("redirects " + target + " more than " + MAX_REDIRECTS + " times.");
    }

    private HttpURLConnection connect(URI at) throws IOException {
        if (!privateAddresses) {
            PublicAddressGuard.requirePublic(at.getHost());
        }
        var connection = (HttpURLConnection) at.toURL().openConnection();
        connection.setInstanceFollowRedirects(false);
        connection.setUseCaches(false);
        connection.setConnectTimeout(CONNECT_MILLIS);
        connection.setReadTimeout(Math.toIntExact(config.stalledAfter().toMillis()));
        connection.setRequestProperty("User-Agent", "Narthex");
        connection.setRequestProperty("Accept", "*/*");
        if (config.netrc().isPresent()) {
            Netrc.authorization(config.netrc().get(), at.getHost())
                    .ifPresent(basic -> connection.setRequestProperty("Authorization", basic));
        }
        return connection;
    }

    private URI redirected(URI from, Optional<String> location) {
        URI to;
        try {
            to = from.resolve(location.orElse(""));
        } catch (IllegalArgumentException e) {
            throw rejected("redirects to what is no URL.");
        }
        if (!SourceUrl.isWeb(to)) {
            throw rejected("redirects to what is no web address.");
        }
        if (from.getScheme().equals("https") && to.getScheme().equals("http")) {
            throw rejected("redirects from https to http.");
        }
        return to;
    }

    /** Reads the rest of a response that is not needed, so that the connection can be reused. */
    private static void drain(HttpURLConnection connection) throws IOException {
        var error = connection.getErrorStream();
        try (var body = error == null ? connection.getInputStream() : error) {
            body.skipNBytes(Math.min(body.available(), SHORT));
        } catch (EOFException e) {
            // The body was shorter.
        }
    }

    private RuntimeException rejected(String what) {
        return Problem.mismatch("source", url + " " + what);
    }
}
