package dev.narthex.web.readme;

import java.util.List;
import java.util.Optional;
import org.commonmark.ext.gfm.strikethrough.StrikethroughExtension;
import org.commonmark.ext.gfm.tables.TablesExtension;
import org.commonmark.node.Node;
import org.commonmark.parser.Parser;
import org.commonmark.renderer.html.HtmlRenderer;
import org.owasp.html.Handler;
import org.owasp.html.HtmlPolicyBuilder;
import org.owasp.html.HtmlSanitizer;
import org.owasp.html.HtmlStreamRenderer;
import org.owasp.html.PolicyFactory;

/**
 * Renders the Markdown of untrusted packages to safe HTML (CommonMark 0.31 with GitHub's tables and strikethrough).
 *
 * <p>Markdown may contain raw HTML, so the sanitizer ensures safety, not the parser. The rendered HTML passes an allow-list of
 * elements and attributes, then {@link ReadmeRewriter}, which adapts headings to the page and resolves links and images. Parser
 * and renderer are recursive, so the depth is limited before each of them ({@link BoundedInlines}): text nested more deeply than
 * in any real readme is not rendered.
 */
public final class ReadmeRenderer {
    private static final int MAX_DEPTH = 100;
    private static final int MAX_BLOCK_DEPTH = 50;

    private static final Parser PARSER = Parser.builder()
            .extensions(List.of(TablesExtension.create(), StrikethroughExtension.create()))
            .maxOpenBlockParsers(MAX_BLOCK_DEPTH)
            .inlineParserFactory(BoundedInlines::new)
            .build();

    private static final HtmlRenderer RENDERER = HtmlRenderer.builder()
            .extensions(List.of(TablesExtension.create(), StrikethroughExtension.create()))
            .build();

    private static final PolicyFactory ALLOWED = new HtmlPolicyBuilder()
            .allowElements(
                    "a", "abbr", "b", "blockquote", "br", "caption", "code", "dd", "del", "details", "div", "dl", "dt")
            .allowElements(
                    "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "img", "ins", "kbd", "li", "mark", "ol", "p")
            .allowElements(
                    "pre", "q", "s", "samp", "small", "strike", "strong", "sub", "summary", "sup", "table", "tbody")
            .allowElements("td", "tfoot", "th", "thead", "tr", "tt", "ul", "var")
            .allowWithoutAttributes("a")
            .allowUrlProtocols("http", "https")
            .allowAttributes("href", "name")
            .onElements("a")
            .allowAttributes("src", "alt")
            .onElements("img")
            .allowAttributes("id")
            .globally()
            .allowAttributes("start")
            .matching(ReadmeRewriter.NUMBER)
            .onElements("ol")
            .allowAttributes("align")
            .onElements("td", "th")
            .toFactory();

    private ReadmeRenderer() {}

    /**
     * Renders a text.
     *
     * @param links resolves relative links of the text
     * @return HTML that can be included in a page unescaped; empty if the text is nested too deeply to be rendered
     */
    public static Optional<String> html(String markdown, ReadmeLinks links) {
        var document = PARSER.parse(markdown);
        if (deeperThan(document, MAX_DEPTH)) {
            return Optional.empty();
        }
        var out = new StringBuilder(markdown.length() * 2);
        var writer = HtmlStreamRenderer.create(out, Handler.DO_NOTHING);
        HtmlSanitizer.sanitize(RENDERER.render(document), ALLOWED.apply(new ReadmeRewriter(writer, links)));
        return Optional.of(out.toString());
    }

    private static boolean deeperThan(Node root, int limit) {
        int depth = 0;
        Node at = root;
        while (depth <= limit) {
            var child = at.getFirstChild();
            if (child != null) {
                at = child;
                depth++;
                continue;
            }
            while (at != root && at.getNext() == null) {
                at = at.getParent();
                depth--;
            }
            if (at == root) {
                return false;
            }
            at = at.getNext();
        }
        return true;
    }
}
