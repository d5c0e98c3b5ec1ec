package dev.narthex.ecosystem;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.http.Accept;
import dev.narthex.http.RawPathSegments;
import dev.narthex.spi.UntrustedText;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Small helper classes. */
class SmallPartsTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "text/html | text/html | 1",
                "text/html;q=0.5 | text/html | 0.5",
                "TEXT/HTML ; charset=x ; q=0.25 | text/html | 0.25",
                "text/*;q=0.3, */*;q=0.1 | text/html | 0.3",
                "text/html;q=0, */* | text/html | 0",
                "application/json | text/html | 0",
                "text/html;q=2 | text/html | 0",
                "text/html;q= | text/html | 0",
                ",,;q=1, text/html | text/html | 1",
            })
    void mostSpecificMediaRangeWins(String header, String type, double quality) {
        assertEquals(quality, new Accept(Optional.of(header)).quality(type));
    }

    @Test
    void missingAcceptHeaderAcceptsEverything() {
        var none = new Accept(Optional.empty());
        assertEquals(1, none.quality("text/html"));
        assertTrue(!none.names("text/html"));
    }

    @Test
    void rawPathKeepsEncodedSlashes() {
        assertEquals(
                new RawPathSegments(List.of("@s/n", "-", "é%z%"), false),
                RawPathSegments.parse("/registry/c/npm/@s%2Fn/-/%C3%A9%z%"));
        assertEquals(new RawPathSegments(List.of("a"), true), RawPathSegments.parse("/registry/c/pypi/a/"));
        assertEquals(new RawPathSegments(List.of(), false), RawPathSegments.parse("/registry/c/pypi"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {"lodash@4.17.21 | lodash@4.17.21", "a b | 'a b'", "a>=1 | 'a>=1'", "it's | 'it'\\''s'", "~x | '~x'"
            })
    void shellWordsAreQuotedIfNeeded(String text, String word) {
        assertEquals(word, ShellQuote.of(text));
    }

    @Test
    void readmeMustBeText() {
        for (var name : List.of("README", "readme.md", "README.rst", "README.txt", "README.de.md", "Readme.markdown")) {
            assertTrue(UntrustedText.readmeRank(name).isPresent(), name);
        }
        for (var name : List.of("README.gz", "README.xz", "README.html", "readme.pdf", "README.md.gz", "READMEs")) {
            assertTrue(UntrustedText.readmeRank(name).isEmpty(), name);
        }
    }

    @Test
    void sortKeyPartsAreSeparate() {
        var ascending = List.of(
                new SortKeyBuilder().text("").text("b"),
                new SortKeyBuilder().text("a").text("z"),
                new SortKeyBuilder().text("ab").text(""),
                new SortKeyBuilder().text("b"));
        for (int i = 1; i < ascending.size(); i++) {
            var before = ascending.get(i - 1).toBytes();
            assertTrue(Arrays.compareUnsigned(before, ascending.get(i).toBytes()) < 0, "at " + i);
        }
        assertTrue(Arrays.compareUnsigned(
                        new SortKeyBuilder().number("009").toBytes(),
                        new SortKeyBuilder().number("10").toBytes())
                < 0);
    }

    @Test
    void onlyWebUrlsAreAccepted() {
        assertEquals("https://example.org/x", UntrustedText.address(" https://example.org/x "));
        for (var other :
                List.of("javascript:alert(1)", "//example.org", "https:/x", "http://user:pw@example.org", "x y", "")) {
            assertEquals("", UntrustedText.address(other));
        }
    }

    @Test
    void singleLinesHaveNoControlCharacters() {
        assertEquals("a b \uFFFD", UntrustedText.line("a\r\n\tb \ud800"));
        assertEquals(1000, UntrustedText.line("é".repeat(5000)).length());
    }
}
