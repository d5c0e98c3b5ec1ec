package dev.narthex.web;

import java.io.IOException;
import java.io.Writer;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;

/**
 * XML 1.0, written piece by piece with the JDK's own writer: it escapes what has a meaning, but lets through what no document may
 * hold, even escaped (XML 1.0 §2.2). Names and summaries of packages can hold all of it, and there U+FFFD stands for each.
 */
final class Xml {
    private static final XMLOutputFactory FACTORY = XMLOutputFactory.newDefaultFactory();
    private static final char REPLACEMENT = '\uFFFD';

    private final XMLStreamWriter out;

    /** Begins a document with its one element. */
    Xml(Writer to, String root, String namespace) throws IOException {
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

    /** Readers that leave are told by the network. */
    private static IOException failed(XMLStreamException e) {
        return e.getNestedException() instanceof IOException network ? network : new IOException(e);
    }

    Xml start(String element) throws IOException {
        write(() -> out.writeStartElement(element));
        return this;
    }

    Xml end() throws IOException {
        write(out::writeEndElement);
        return this;
    }

    /** An element with nothing in it but a text. */
    Xml leaf(String element, String text) throws IOException {
        write(() -> {
            out.writeStartElement(element);
            out.writeCharacters(allowed(text));
            out.writeEndElement();
        });
        return this;
    }

    Xml leaf(String element, Instant at) throws IOException {
        return leaf(element, at.truncatedTo(ChronoUnit.SECONDS).toString());
    }

    /** An element with nothing in it at all. @param attributes names and values, one after the other */
    Xml empty(String element, String... attributes) throws IOException {
        write(() -> {
            out.writeEmptyElement(element);
            for (int i = 0; i < attributes.length; i += 2) {
                out.writeAttribute(attributes[i], allowed(attributes[i + 1]));
            }
        });
        return this;
    }

    /** Ends the document; what it was written to stays open. */
    void finish() throws IOException {
        write(() -> {
            out.writeEndDocument();
            out.flush();
        });
    }

    /** The text with U+FFFD in place of every character that is none in XML. */
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
