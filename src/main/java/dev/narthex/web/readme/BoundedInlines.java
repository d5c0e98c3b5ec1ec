package dev.narthex.web.readme;

import org.commonmark.internal.InlineParserImpl;
import org.commonmark.node.Node;
import org.commonmark.node.Text;
import org.commonmark.parser.InlineParser;
import org.commonmark.parser.InlineParserContext;
import org.commonmark.parser.SourceLines;

/**
 * Parses the text of a block, unless it could nest so deeply that the parser, which joins text nodes by recursion, would run
 * out of stack. Emphasis nests once for two of its characters at most, images once for each opening: a block with more of
 * them than any person wrote stays text.
 */
final class BoundedInlines implements InlineParser {
    private static final int MOST_DELIMITERS = 2000;

    private final InlineParser parser;

    BoundedInlines(InlineParserContext context) {
        this.parser = new InlineParserImpl(context);
    }

    @Override
    public void parse(SourceLines lines, Node block) {
        var content = lines.getContent();
        if (delimiters(content) <= MOST_DELIMITERS) {
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
