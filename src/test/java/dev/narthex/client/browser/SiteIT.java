package dev.narthex.client.browser;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.narthex.client.support.Server;
import dev.narthex.client.support.SharedServer;
import dev.narthex.web.support.XmlDocument;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Follows the links of the whole site as a reader and as a program. Every link works and every page has a JSON twin. */
class SiteIT {
    private static final Pattern LINK = Pattern.compile("href=\"(/[^\"]*)");
    private static final Pattern INLINE_CODE =
            Pattern.compile("<[a-z][^>]*\\s(on[a-z]+|style)=|<style|<script(?![^>]*(src=|ld\\+json))");
    /** Accept header of a browser. */
    private static final String BROWSER_ACCEPT = "text/html,application/xhtml+xml,*/*;q=0.8";

    private static final Pattern HASH_PART = Pattern.compile("[0-9a-df-np-sv-z]{32}");
    private static final Pattern PACKAGE = Pattern.compile("(?<=/(npm|nix|pypi)/)(@[^/]+/)?[^/?]+");
    private static final int MAX_PAGES_PER_TYPE = 8;
    private static final int MAX_FIRST_VIEW_BYTES = 90 * 1024;

    private final Server server = SharedServer.instance().server;

    @Test
    void linksOfEveryPageTypeWork() throws Exception {
        assertLinksWork(500, MAX_PAGES_PER_TYPE);
    }

    @Test
    @Tag("long")
    void linksOfManyPagesWork() throws Exception {
        assertLinksWork(1500, Integer.MAX_VALUE);
    }

    /** @param maxPages maximum number of pages to open */
    private void assertLinksWork(int maxPages, int maxPagesPerType) throws Exception {
        var visited = new HashSet<String>();
        var pagesByType = new HashMap<String, Integer>();
        var pending = new ArrayDeque<>(List.of("/", "/search?q=debug", "/search?q=nothing-like-this"));
        var broken = new ArrayList<String>();
        while (!pending.isEmpty() && visited.size() < maxPages) {
            var address = pending.poll();
            if (visited.contains(address) || pagesByType.merge(pageType(address), 1, Integer::sum) > maxPagesPerType) {
                continue;
            }
            visited.add(address);
            var response = get(address, BROWSER_ACCEPT);
            if (response.statusCode() != 200 && response.statusCode() != 303 && response.statusCode() != 308) {
                broken.add(response.statusCode() + " " + address);
            }
            if (contentType(response).startsWith("text/html") && !address.contains("raw")) {
                checkPage(address, response);
                LINK.matcher(response.body())
                        .results()
                        .map(m -> unescape(m.group(1)).replaceFirst("#.*", ""))
                        .forEach(pending::add);
            }
        }
        assertEquals(List.of(), broken);
        assertTrue(visited.size() > 100, () -> "only " + visited.size() + " pages");
    }

    /** Returns the URL without the parts that differ between packages and searches. */
    private static String pageType(String address) {
        return HASH_PART
                .matcher(PACKAGE.matcher(address).replaceAll("*"))
                .replaceAll("*")
                .replaceAll("=[^&]*", "=");
    }

    private static void checkPage(String address, HttpResponse<String> response) {
        var policy = response.headers().firstValue("Content-Security-Policy").orElse("");
        assertTrue(policy.startsWith("default-src 'none'"), () -> address + ": " + policy);
        assertFalse(policy.contains("unsafe"), address);
        var inlineCode = INLINE_CODE.matcher(response.body());
        assertFalse(inlineCode.find(), () -> address + " has " + inlineCode.group());
        assertTrue(response.body().contains("<h1"), address);
    }

    @Test
    void packagePagesHaveJsonTwins() throws Exception {
        var json = new ObjectMapper();
        for (var page : List.of(
                "/",
                "/caches",
                "/main",
                "/main/npm",
                "/main/npm/debug",
                "/main/npm/debug@latest",
                "/main/npm/debug@latest/versions",
                "/main/npm/debug@4.3.4/diff/latest",
                "/main/npm/debug@latest/dependencies",
                "/main/npm/ms/dependents",
                "/main/npm/debug@latest/files",
                "/main/npm/debug@latest/provenance",
                "/main/npm/debug@latest/security",
                "/main/pypi/six",
                "/status",
                "/search?q=debug")) {
            var twin = get("/api" + page, "application/json");
            if (twin.statusCode() == 404 && get(page, "text/html").statusCode() == 404) {
                continue;
            }
            assertEquals(200, twin.statusCode(), page);
            assertTrue(json.readTree(twin.body()).isObject(), page);
        }
    }

    @Test
    void feedsAreValidAndTheirEntriesLinkToPages() throws Exception {
        for (var page : List.of("/main", "/main/npm", "/main/npm/debug", "/search?q=debug")) {
            var response = get("/feed" + page, "application/atom+xml");
            assertEquals(200, response.statusCode(), page);
            var entries = XmlDocument.of(response.body()).all("entry");
            assertFalse(entries.isEmpty(), page);
            for (var entry : entries) {
                var link = XmlDocument.elements(entry, "link").getFirst().getAttribute("href");
                assertEquals(200, get(pathAndQuery(link), "text/html").statusCode(), link);
            }
        }
    }

    @Test
    void siteMapListsCanonicalUrls() throws Exception {
        var parts = XmlDocument.of(get("/sitemap.xml", "*/*").body()).texts("loc");
        assertFalse(parts.isEmpty());
        for (var part : parts) {
            for (var page :
                    XmlDocument.of(get(pathAndQuery(part), "*/*").body()).texts("loc")) {
                var response = get(pathAndQuery(page), "text/html");
                assertEquals(200, response.statusCode(), page);
                assertTrue(response.body().contains("<link rel=\"canonical\" href=\"" + page + "\">"), page);
            }
        }
    }

    private static String pathAndQuery(String address) {
        var url = URI.create(address);
        return url.getRawPath() + (url.getRawQuery() == null ? "" : "?" + url.getRawQuery());
    }

    @Test
    void firstViewIsSmall() throws Exception {
        for (var page : List.of("/", "/main", "/main/npm/debug", "/main/npm")) {
            long bytes = compressedSize(page);
            var assets = Pattern.compile("(?:href|src)=\"(/assets/[^\"#]+)")
                    .matcher(get(page, "text/html").body());
            var countedAssets = new HashSet<String>();
            while (assets.find()) {
                if (countedAssets.add(assets.group(1))) {
                    bytes += compressedSize(unescape(assets.group(1)));
                }
            }
            long total = bytes;
            assertTrue(bytes <= MAX_FIRST_VIEW_BYTES, () -> page + " takes " + total + " bytes");
        }
    }

    private long compressedSize(String address) throws IOException, InterruptedException {
        var request = server.request(address).header("Accept-Encoding", "gzip").build();
        return server.http.send(request, BodyHandlers.ofByteArray()).body().length;
    }

    private HttpResponse<String> get(String address, String accept) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(server.uri("") + address))
                .header("Accept", accept)
                .build();
        return server.http.send(request, BodyHandlers.ofString());
    }

    private static String contentType(HttpResponse<?> response) {
        return response.headers().firstValue("Content-Type").orElse("");
    }

    private static String unescape(String attribute) {
        return attribute
                .replace("&amp;", "&")
                .replace("&quot;", "\"")
                .replace("&#39;", "'")
                .replace("&#64;", "@")
                .replace("&lt;", "<")
                .replace("&gt;", ">");
    }
}
