package dev.narthex.web.feed;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.narthex.web.page.Feed;
import dev.narthex.web.support.XmlDocument;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Feeds are valid XML for any package name and text. */
class AtomTest {
    private static final Instant AT = Instant.parse("2026-03-04T23:59:59.123456Z");
    private static final int ROUNDS = 2000;
    private static final int MAX_LENGTH = 40;

    /** Strings with special meaning in XML, HTML or templates. */
    private static final List<String> HOSTILE = List.of(
            "]]>",
            "<!--",
            "-->",
            "<?xml",
            "?>",
            "&amp;",
            "&#0;",
            "&#xD;",
            "&",
            "<",
            ">",
            "\"",
            "'",
            "</entry>",
            "\0",
            "\u0008",
            "\u001b",
            "\r",
            "\n",
            "\t",
            "\ud800",
            "\udc00",
            "\ufffe",
            "\uffff",
            "\u0085",
            "\u2028",
            "🏮",
            "\u202e",
            "<![CDATA[");

    private static Feed feed(String text) {
        var entry = new Feed.Entry(
                "orchard/npm/lantern@3.2.1", "/orchard/npm/lantern@3.2.1", text, AT, Optional.of(text), "npm", text);
        return new Feed("/orchard", text, text, List.of(entry, entry));
    }

    private static XmlDocument parsed(Feed feed, String baseUrl) {
        return XmlDocument.of(new Atom(baseUrl).of(feed));
    }

    /** As parsed from XML: line ends are one character. */
    private static String read(String text) {
        return XmlWriter.allowed(text).replace("\r\n", "\n").replace('\r', '\n');
    }

    private static String hostile(Random random) {
        var text = new StringBuilder("x");
        for (int i = random.nextInt(MAX_LENGTH); i > 0; i--) {
            switch (random.nextInt(4)) {
                case 0 -> text.append(HOSTILE.get(random.nextInt(HOSTILE.size())));
                case 1 -> text.appendCodePoint(random.nextInt(Character.MAX_CODE_POINT + 1));
                case 2 -> text.append((char) random.nextInt(256));
                default -> text.append((char) random.nextInt(Character.MAX_VALUE + 1));
            }
        }
        return text.toString();
    }

    @Test
    void textSurvivesXmlRoundTrip() {
        var random = new Random(20260304);
        for (int i = 0; i < ROUNDS; i++) {
            var text = hostile(random);
            var feed = parsed(feed(text), "https://narthex.example.org");
            var texts = feed.texts("title");
            assertEquals(List.of(read(text), read(text), read(text)), texts);
            assertEquals(List.of(read(text), read(text)), feed.texts("summary"));
            assertEquals(List.of(read(text), read(text), read(text)), feed.texts("name"));
        }
    }

    @Test
    void charactersInvalidInXmlAreReplaced() {
        assertEquals(
                "a\ufffdb\ufffdc\t\n\r\u0085d🏮\ufffd\ufffd",
                XmlWriter.allowed("a\0b\u001bc\t\n\r\u0085d🏮\ud800\uffff"));
    }

    @ParameterizedTest
    @CsvSource({
        "https://narthex.example.org,  narthex.example.org",
        "http://localhost:8080,        localhost",
        "http://[2001:db8::1]:8080,    2001-db8--1",
    })
    void anEntryIsKnownByHostDayAndNameForEver(String baseUrl, String host) {
        var feed = parsed(feed("x"), baseUrl);
        var entry = feed.all("entry").getFirst();
        assertEquals("http://www.w3.org/2005/Atom feed", feed.root());
        assertEquals("tag:" + host + ",2026-03-04:orchard/npm/lantern@3.2.1", XmlDocument.text(entry, "id"));
        assertEquals("2026-03-04T23:59:59Z", XmlDocument.text(entry, "updated"));
        assertEquals("2026-03-04T23:59:59Z", XmlDocument.text(entry, "published"));
        assertEquals(
                baseUrl + "/orchard/npm/lantern@3.2.1",
                XmlDocument.elements(entry, "link").getFirst().getAttribute("href"));
        assertEquals(baseUrl + "/feed/orchard", feed.texts("id").getFirst());
    }

    @Test
    void emptyFeedIsValid() {
        var feed = parsed(new Feed("/orchard", "New in orchard", "orchard", List.of()), "https://narthex.example.org");
        assertEquals(List.of("1970-01-01T00:00:00Z"), feed.texts("updated"));
        assertEquals(List.of(), feed.all("entry"));
        assertEquals(List.of("orchard"), feed.texts("name"));
    }
}
