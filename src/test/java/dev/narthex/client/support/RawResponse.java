package dev.narthex.client.support;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * Sends a request as bytes and returns the response, for requests that well-behaved clients do not send.
 *
 * @param headers by lower-case name, without the request id
 * @param continued whether 100 Continue came first
 * @param ended whether the server closed the connection
 */
public record RawResponse(int status, Map<String, String> headers, String body, boolean continued, boolean ended) {
    private static final int WAIT_MILLIS = 10_000;
    private static final String CONTINUE = "HTTP/1.1 100 Continue\r\n\r\n";

    /** Requests that the connection is closed after the response. */
    public static RawResponse get(Server server, String method, String target, String... headers) throws IOException {
        var request = new StringBuilder(method + " " + target + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n");
        for (var header : headers) {
            request.append(header).append("\r\n");
        }
        return exchange(server, request + "\r\n", WAIT_MILLIS);
    }

    /** @param waitMillis how long to wait for more data */
    public static RawResponse exchange(Server server, String request, int waitMillis) throws IOException {
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            socket.setSoTimeout(waitMillis);
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            var answer = new ByteArrayOutputStream();
            boolean ended = true;
            try {
                socket.getInputStream().transferTo(answer);
            } catch (SocketTimeoutException e) {
                ended = false;
            }
            return parse(answer.toString(StandardCharsets.ISO_8859_1), ended);
        }
    }

    private static RawResponse parse(String text, boolean ended) {
        boolean continued = text.startsWith(CONTINUE);
        var answer = continued ? text.substring(CONTINUE.length()) : text;
        int end = answer.indexOf("\r\n\r\n");
        if (end < 0) {
            return new RawResponse(0, Map.of(), answer, continued, ended);
        }
        var lines = answer.substring(0, end).split("\r\n");
        var headers = new TreeMap<String, String>();
        for (int i = 1; i < lines.length; i++) {
            int colon = lines[i].indexOf(':');
            headers.put(
                    lines[i].substring(0, colon).toLowerCase(Locale.ROOT),
                    lines[i].substring(colon + 1).strip());
        }
        headers.remove("x-request-id");
        return new RawResponse(
                Integer.parseInt(lines[0].split(" ")[1]), headers, answer.substring(end + 4), continued, ended);
    }

    public String header(String name) {
        return headers.getOrDefault(name, "");
    }
}
