package dev.narthex.web.readme;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.web.view.Urls;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReadmesTest {
    @Test
    void renderedReadmeIsCachedUnlessItLinksToFiles() {
        var known = new KnownReadmes();
        var plain = known.html("See [it](https://lantern.example/).", new ReadmeLinks(path -> Optional.of("/one")));
        assertSame(plain, known.html("See [it](https://lantern.example/).", new ReadmeLinks(path -> Optional.empty())));
        assertTrue(known.html("[it](a)", new ReadmeLinks(path -> Optional.of("/one/" + path)))
                .orElseThrow()
                .contains("/one/a"));
        assertTrue(known.html("[it](a)", new ReadmeLinks(path -> Optional.of("/two/" + path)))
                .orElseThrow()
                .contains("/two/a"));
    }

    private static final String FILES = "/orchard/npm/lantern-3.2.1/files";
    private static final Pattern TAG = Pattern.compile("<[^>]*>");
    private static final Pattern DANGER = Pattern.compile(
            "<(?:script|style|iframe|object|embed|form|input|button|meta|link|base|svg|math|template|video|audio)\\b"
                    + "|\\son\\w+\\s*=|\\sstyle\\s*=|javascript:|vbscript:|data:|\\ssrcset\\s*=|\\ssrc=\"(?!/orchard/)");

    @ParameterizedTest
    @ValueSource(
            strings = {
                "<script>alert(1)</script>",
                "<img src=x onerror=alert(1)>",
                "<img src='https://tracker.example/x.gif'>",
                "![](https://tracker.example/x.gif)",
                "![x](data:text/html;base64,PHNjcmlwdD4=)",
                "[x](javascript:alert(1))",
                "[x](JaVaScRiPt:alert(1))",
                "[x](java\nscript:alert(1))",
                "[x](&#106;avascript:alert(1))",
                "<a href=\"jav&#x09;ascript:alert(1)\">x</a>",
                "[x](vbscript:msgbox)",
                "<javascript:alert(1)>",
                "<svg onload=alert(1)>",
                "<svg><script>alert(1)</script></svg>",
                "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
                "<style>*{background:url(https://tracker.example)}</style>",
                "<div style=\"background:url(https://tracker.example)\">x</div>",
                "<iframe src=https://evil.example></iframe>",
                "<form action=https://evil.example><input name=q><button>go</button></form>",
                "<base href=https://evil.example>",
                "<meta http-equiv=refresh content='0;url=https://evil.example'>",
                "<a href='x' onclick='alert(1)'>x</a>",
                "<video src=https://tracker.example/x.mp4 autoplay></video>",
                "<picture><source srcset=https://tracker.example/x.png><img src=x.png></picture>",
                "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">",
                "<!--><script>alert(1)</script>-->",
                "```\"><script>alert(1)</script>\nx\n```",
                "# <img src=x onerror=alert(1)>",
                "<h1 id='\"><script>alert(1)</script>'>x</h1>",
                "| <script>a</script> |\n|---|\n| <img src=x onerror=a> |",
                "https://example.org/\"onmouseover=\"alert(1)",
                "<template><script>alert(1)</script></template>",
            })
    void readmeCannotRunOrLoadAnything(String markdown) {
        var html = html(markdown);
        var tags = TAG.matcher(html)
                .results()
                .map(r -> r.group().toLowerCase(Locale.ROOT))
                .toList();
        tags.forEach(tag -> assertFalse(DANGER.matcher(tag).find(), () -> tag + " in " + html));
    }

    @Test
    void headingsAreLoweredAndHaveAnchors() {
        assertEquals(
                "<h2 id=\"readme-quick-start\">Quick <em>start</em>!</h2>\n"
                        + "<h3 id=\"readme-quick-start-1\">Quick start</h3>\n"
                        + "<p><a href=\"#readme-quick-start\">see</a></p>\n",
                html("# Quick *start*!\n## Quick start\n[see](#quick-start)"));
        assertEquals("<h2 id=\"readme-x\">x</h2>\n", html("### x"));
        assertEquals("<h2 id=\"readme-y\">y</h2>\n<h3 id=\"readme-x\">x</h3>\n", html("# y\n###### x"));
    }

    /** Screen readers navigate by heading levels, but authors choose them by size. */
    @Test
    void headingLevelsAreContiguous() {
        var levels = html("# a\n### b\n## c\n###### d\n### e\n<h5>f</h5>\n\n# g")
                .replaceAll("(?s)<h(\\d)[^>]*>(\\w)</h\\d>\\s*", "$2$1 ");
        assertEquals("a2 b3 c3 d4 e4 f5 g2", levels.strip());
    }

    @Test
    void outsideLinksAreMarkedAsUntrusted() {
        assertEquals(
                "<p><a href=\"https://example.org/a?b&amp;c\" rel=\"nofollow ugc noopener\">x</a></p>\n",
                html("[x](https://example.org/a?b&c)"));
        assertEquals(
                "<p><a href=\"https://example.org/\" rel=\"nofollow ugc noopener\">x</a></p>\n",
                html("[x](//example.org/)"));
        assertEquals(
                "<p>See <a href=\"https://example.org/a\" rel=\"nofollow ugc noopener\">https://example.org/a</a>.</p>\n",
                html("See https://example.org/a."));
    }

    @Test
    void relativeLinksStayInsideTheRelease() {
        assertEquals("<p><a href=\"" + FILES + "/docs/a.md\">x</a></p>\n", html("[x](./docs/a.md#part)"));
        assertEquals("<p><a href=\"" + FILES + "/b.md\">x</a></p>\n", html("[x](docs/../b.md)"));
        assertEquals("<p><a href=\"" + FILES + "/a%20b.md\">x</a></p>\n", html("[x](a%20b.md)"));
        assertEquals("<p><a>x</a></p>\n", html("[x](../../../orchard/settings)"));
        assertEquals("<p><a>x</a></p>\n", html("[x](gone.md)"));
        assertEquals("<p>Logo</p>\n", html("![Logo](gone.png)"));
        assertEquals("<p><a href=\"" + FILES + "/evil.example\">x</a></p>\n", html("[x](</\\\\evil.example/>)"));
    }

    @Test
    void remoteImagesAreLinkedAndLocalOnesShown() {
        assertEquals(
                "<p><a href=\"https://example.org/x.png\" rel=\"nofollow ugc noopener\">build</a></p>\n",
                html("![build](https://example.org/x.png)"));
        assertEquals(
                "<p><a href=\"https://ci.example/\" rel=\"nofollow ugc noopener\">build</a></p>\n",
                html("[![build](https://example.org/x.png)](https://ci.example/)"));
        assertEquals(
                "<p><img src=\"" + FILES + "/logo.png?raw\" alt=\"Logo\" loading=\"lazy\" /></p>\n",
                html("![Logo](logo.png)"));
    }

    @Test
    void tablesAndCodeScrollSeparately() {
        var table = html("| a | b |\n|---|--:|\n| 1 | 2 |");
        assertTrue(table.startsWith("<div class=\"scroll\" tabindex=\"0\"><table>"), table);
        assertTrue(table.contains("<th scope=\"col\" class=\"num\">b</th>"), table);
        assertTrue(table.stripTrailing().endsWith("</table></div>"), table);
        assertEquals(
                "<div class=\"code\"><pre tabindex=\"0\"><code>$ x &lt;y&gt;\n</code></pre></div>\n",
                html("```sh\n$ x <y>\n```"));
    }

    @Test
    void deepNestingIsNotRendered() {
        assertTimeoutPreemptively(Duration.ofSeconds(20), () -> {
            assertEquals(
                    Optional.empty(), ReadmeRenderer.html("*a **b ".repeat(200) + "x" + "** c*".repeat(200), links()));
            ReadmeRenderer.html("*a **b ".repeat(2000) + "x" + "** c*".repeat(2000), links());
            ReadmeRenderer.html("*".repeat(100_000) + "x" + "*".repeat(100_000), links());
            ReadmeRenderer.html("![".repeat(50_000) + "x" + "](y)".repeat(50_000), links());
            ReadmeRenderer.html("> ".repeat(100_000) + "x", links());
            ReadmeRenderer.html("- ".repeat(100_000) + "x", links());
            ReadmeRenderer.html("[".repeat(200_000), links());
            ReadmeRenderer.html("<div>".repeat(80_000) + "x", links());
            ReadmeRenderer.html("`".repeat(1000).concat(" ").repeat(100), links());
            ReadmeRenderer.html("|a".repeat(20_000) + "\n" + "|-".repeat(20_000) + "\n" + "|b".repeat(20_000), links());
        });
    }

    private static String html(String markdown) {
        return ReadmeRenderer.html(markdown, links()).orElseThrow();
    }

    private static ReadmeLinks links() {
        return new ReadmeLinks(
                path -> path.startsWith("gone") ? Optional.empty() : Optional.of(Urls.file(FILES, path)));
    }
}
