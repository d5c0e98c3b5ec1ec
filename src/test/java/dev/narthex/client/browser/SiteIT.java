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

/** Walks through the whole site as a reader and as a program: every link leads somewhere, every page has its twin. */
class SiteIT {
    private static final Pattern LINK = Pattern.compile("href=\"(/[^\"]*)");
    private static final Pattern ACTIVE =
            Pattern.compile("<[a-z][^>]*\\s(on[a-z]+|style)=|<style|<script(?![^>]*(src=|ld\\+json))");
    /** Documents above all, and anything else. */
    private static final String BROWSERS = "text/html,application/xhtml+xml,*/*;q=0.8";

    private static final Pattern HASH_PART = Pattern.compile("[0-9a-df-np-sv-z]{32}");
    private static final Pattern PACKAGE = Pattern.compile("(?<=/(npm|nix|pypi)/)(@[^/]+/)?[^/?]+");
    private static final int PAGES_OF_A_KIND = 8;
    private static final int MAX_FIRST_VIEW = 90 * 1024;

    private final Server server = SharedServer.instance().server;

    @Test
    void linksOfEveryPageTypeWork() throws Exception {
        assertLinksLeadSomewhere(500, PAGES_OF_A_KIND);
    }

    @Test
    @Tag("long")
    void linksOfManyPagesWork() throws Exception {
        assertLinksLeadSomewhere(1500, Integer.MAX_VALUE);
    }

    /** @param pages of all kinds that are opened at most */
    private void assertLinksLeadSomewhere(int pages, int ofAKind) throws Exception {
        var seen = new HashSet<String>();
        var kinds = new HashMap<String, Integer>();
        var open = new ArrayDeque<>(List.of("/", "/search?q=debug", "/search?q=nothing-like-this"));
        var broken = new ArrayList<String>();
        while (!open.isEmpty() && seen.size() < pages) {
            var address = open.poll();
            if (seen.contains(address) || kinds.merge(kind(address), 1, Integer::sum) > ofAKind) {
                continue;
            }
            seen.add(address);
            var answer = get(address, BROWSERS);
            if (answer.statusCode() != 200 && answer.statusCode() != 303 && answer.statusCode() != 308) {
                broken.add(answer.statusCode() + " " + address);
            }
            if (type(answer).startsWith("text/html") && !address.contains("raw")) {
                checkPage(address, answer);
                LINK.matcher(answer.body())
                        .results()
                        .map(m -> unescape(m.group(1)).replaceFirst("#.*", ""))
                        .forEach(open::add);
            }
        }
        assertEquals(List.of(), broken);
        assertTrue(seen.size() > 100, () -> "only " + seen.size() + " pages");
    }

    /** The address without what differs from package to package and from search to search. */
    private static String kind(String address) {
        return HASH_PART
                .matcher(PACKAGE.matcher(address).replaceAll("*"))
                .replaceAll("*")
                .replaceAll("=[^&]*", "=");
    }

    private static void checkPage(String address, HttpResponse<String> answer) {
        var policy = answer.headers().firstValue("Content-Security-Policy").orElse("");
        assertTrue(policy.startsWith("default-src 'none'"), () -> address + ": " + policy);
        assertFalse(policy.contains("unsafe"), address);
        var active = ACTIVE.matcher(answer.body());
        assertFalse(active.find(), () -> address + " has " + active.group());
        assertTrue(answer.body().contains("<h1"), address);
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
            var answer = get("/feed" + page, "application/atom+xml");
            assertEquals(200, answer.statusCode(), page);
            var entries = XmlDocument.of(answer.body()).all("entry");
            assertFalse(entries.isEmpty(), page);
            for (var entry : entries) {
                var link = XmlDocument.elements(entry, "link").getFirst().getAttribute("href");
                assertEquals(200, get(pathOf(link), "text/html").statusCode(), link);
            }
        }
    }

    @Test
    void siteMapListsCanonicalUrls() throws Exception {
        var parts = XmlDocument.of(get("/sitemap.xml", "*/*").body()).texts("loc");
        assertFalse(parts.isEmpty());
        for (var part : parts) {
            for (var page : XmlDocument.of(get(pathOf(part), "*/*").body()).texts("loc")) {
                var answer = get(pathOf(page), "text/html");
                assertEquals(200, answer.statusCode(), page);
                assertTrue(answer.body().contains("<link rel=\"canonical\" href=\"" + page + "\">"), page);
            }
        }
    }

    private static String pathOf(String address) {
        var url = URI.create(address);
        return url.getRawPath() + (url.getRawQuery() == null ? "" : "?" + url.getRawQuery());
    }

    @Test
    void firstViewIsSmall() throws Exception {
        for (var page : List.of("/", "/main", "/main/npm/debug", "/main/npm")) {
            long bytes = sizeOf(page);
            var assets = Pattern.compile("(?:href|src)=\"(/assets/[^\"#]+)")
                    .matcher(get(page, "text/html").body());
            var counted = new HashSet<String>();
            while (assets.find()) {
                if (counted.add(assets.group(1))) {
                    bytes += sizeOf(unescape(assets.group(1)));
                }
            }
            long all = bytes;
            assertTrue(bytes <= MAX_FIRST_VIEW, () -> page + " takes " + all + " bytes");
        }
    }

    private long sizeOf(String address) throws IOException, InterruptedException {
        var request = server.request(address).header("Accept-Encoding", "gzip").build();
        return server.http.send(request, BodyHandlers.ofByteArray()).body().length;
    }

    private HttpResponse<String> get(String address, String accept) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(server.uri("") + address))
                .header("Accept", accept)
                .build();
        return server.http.send(request, BodyHandlers.ofString());
    }

    private static String type(HttpResponse<?> answer) {
        return answer.headers().firstValue("Content-Type").orElse("");
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
