package dev.narthex.web.feed;

import java.io.IOException;
import java.io.Writer;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;

/**
 * Streams XML 1.0 with the JDK's writer, which escapes markup but does not reject characters that XML forbids even in escaped form
 * (XML 1.0 §2.2). Names and summaries of packages may contain such characters; they are replaced by U+FFFD.
 */
final class XmlWriter {
    private static final XMLOutputFactory FACTORY = XMLOutputFactory.newDefaultFactory();
    private static final char REPLACEMENT = '\uFFFD';

    private final XMLStreamWriter out;

    /** Starts a document with its root element. */
    XmlWriter(Writer to, String root, String namespace) throws IOException {
        try {
            out = FACTORY.createXMLStreamWriter(to);
        } catch (XMLStreamException e) {
            throw failed(e);
        }
        write(() -> {
            out.writeStartDocument("UTF-8", "1.0");
            out.writeStartElement(root);
            out.writeDefaultNamespace(namespace);
        });
    }

    @FunctionalInterface
    private interface Step {
        void run() throws XMLStreamException;
    }

    private static void write(Step step) throws IOException {
        try {
            step.run();
        } catch (XMLStreamException e) {
            throw failed(e);
        }
    }

    /** Unwraps the I/O error that occurs when the client disconnects. */
    private static IOException failed(XMLStreamException e) {
        return e.getNestedException() instanceof IOException network ? network : new IOException(e);
    }

    XmlWriter start(String element) throws IOException {
        write(() -> out.writeStartElement(element));
        return this;
    }

    XmlWriter end() throws IOException {
        write(out::writeEndElement);
        return this;
    }

    /** Writes an element that contains only text. */
    XmlWriter leaf(String element, String text) throws IOException {
        write(() -> {
            out.writeStartElement(element);
            out.writeCharacters(allowed(text));
            out.writeEndElement();
        });
        return this;
    }

    XmlWriter leaf(String element, Instant at) throws IOException {
        return leaf(element, at.truncatedTo(ChronoUnit.SECONDS).toString());
    }

    /**
     * Writes an empty element.
     *
     * @param attributes alternating names and values
     */
    XmlWriter empty(String element, String... attributes) throws IOException {
        write(() -> {
            out.writeEmptyElement(element);
            for (int i = 0; i < attributes.length; i += 2) {
                out.writeAttribute(attributes[i], allowed(attributes[i + 1]));
            }
        });
        return this;
    }

    /** Ends the document. The underlying writer is not closed. */
    void finish() throws IOException {
        write(() -> {
            out.writeEndDocument();
            out.flush();
        });
    }

    /** Replaces characters that XML forbids by U+FFFD. */
    static String allowed(String text) {
        var clean = new StringBuilder(text.length());
        text.codePoints().map(c -> allowed(c) ? c : REPLACEMENT).forEach(clean::appendCodePoint);
        return clean.toString();
    }

    private static boolean allowed(int c) {
        return c == '\t'
                || c == '\n'
                || c == '\r'
                || (c >= ' ' && c < Character.MIN_SURROGATE)
                || (c > Character.MAX_SURROGATE && c < 0xFFFE)
                || c >= Character.MIN_SUPPLEMENTARY_CODE_POINT;
    }
}
