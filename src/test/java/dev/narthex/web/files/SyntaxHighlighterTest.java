package dev.narthex.web.files;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SyntaxHighlighterTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "a.js   | const x = \"y\"; // z | <k>const</k> x = <s>&quot;y&quot;</s>; <c>// z</c>",
                "a.js   | get('http://x')      | get(<s>&#39;http://x&#39;</s>)",
                "a.js   | f(`a`, 42)           | f(<s>`a`</s>, <n>42</n>)",
                "a.py   | def f(): # note      | <k>def</k> f(): <c># note</c>",
                "a.sh   | echo \"$x\" a#b      | echo <s>&quot;$x&quot;</s> a#b",
                "a.nix  | let x = ''<b>'';     | <k>let</k> x = <s>&#39;&#39;&lt;b&gt;&#39;&#39;</s>;",
                "a.json | {\"a\": true}        | {<s>&quot;a&quot;</s>: <k>true</k>}",
                "a.txt  | const <b> \"x\"      | const &lt;b&gt; &quot;x&quot;",
                "a.c    | \"open               | <s>&quot;open</s>",
                "a.c    | \"a\\\\\" b          | <s>&quot;a\\\\&quot;</s> b",
            })
    void eachLanguageIsHighlighted(String file, String source, String html) {
        var expected = html.replaceAll("<([ksnc])>", "<span class=\"$1\">").replaceAll("</[ksnc]>", "</span>");
        assertEquals(List.of(expected), SyntaxHighlighter.lines(source, file));
    }

    @Test
    void multiLineCommentIsMarkedOnEachLine() {
        assertEquals(
                List.of("a <span class=\"c\">/* b</span>", "", "<span class=\"c\">c */</span> d"),
                SyntaxHighlighter.lines("a /* b\n\nc */ d\n", "x.c"));
    }

    @Test
    void lineCountIsUnchanged() {
        for (var file : List.of("x.js", "x.txt")) {
            assertEquals(3, SyntaxHighlighter.lines("a\r\nb\r\n\r\n", file).size(), file);
            assertEquals(0, SyntaxHighlighter.lines("", file).size(), file);
            assertEquals(1, SyntaxHighlighter.lines("a", file).size(), file);
        }
    }

    @Test
    void highlightingTakesLinearTime() {
        assertTimeoutPreemptively(Duration.ofSeconds(10), () -> {
            for (var piece : List.of("/*", "\"", "`", "'''", "\\", "a", "//", "\n")) {
                SyntaxHighlighter.lines(piece.repeat(500_000 / piece.length()), "x.js");
                SyntaxHighlighter.lines(piece.repeat(500_000 / piece.length()), "x.py".toLowerCase(Locale.ROOT));
            }
        });
    }
}
