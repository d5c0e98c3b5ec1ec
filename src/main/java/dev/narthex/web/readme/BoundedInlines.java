package dev.narthex.web.readme;

import org.commonmark.internal.InlineParserImpl;
import org.commonmark.node.Node;
import org.commonmark.node.Text;
import org.commonmark.parser.InlineParser;
import org.commonmark.parser.InlineParserContext;
import org.commonmark.parser.SourceLines;

/**
 * Parses the inline text of a Markdown block, unless it could be nested too deeply. The parser merges text nodes recursively and
 * would run out of stack. Emphasis nests at most once per two of its delimiters, and images once per opening, so a block with more
 * than {@value #MAX_DELIMITERS} delimiters is kept as plain text.
 */
final class BoundedInlines implements InlineParser {
    private static final int MAX_DELIMITERS = 2000;

    private final InlineParser parser;

    BoundedInlines(InlineParserContext context) {
        this.parser = new InlineParserImpl(context);
    }

    @Override
    public void parse(SourceLines lines, Node block) {
        var content = lines.getContent();
        if (delimiters(content) <= MAX_DELIMITERS) {
            parser.parse(lines, block);
        } else {
            block.appendChild(new Text(content));
        }
    }

    private static long delimiters(String content) {
        return content.chars()
                .filter(c -> c == '*' || c == '_' || c == '~' || c == '!')
                .count();
    }
}
