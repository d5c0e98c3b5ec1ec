package dev.narthex.web.support;

import java.io.IOException;
import java.io.StringReader;
import java.util.List;
import java.util.stream.IntStream;
import javax.xml.XMLConstants;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;
import org.xml.sax.helpers.DefaultHandler;

/** A strictly parsed XML document. */
public record XmlDocument(Document document) {
    public static XmlDocument of(String xml) {
        try {
            var factory = DocumentBuilderFactory.newDefaultNSInstance();
            factory.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, true);
            var parser = factory.newDocumentBuilder();
            parser.setErrorHandler(new DefaultHandler());
            return new XmlDocument(parser.parse(new InputSource(new StringReader(xml))));
        } catch (SAXException e) {
            throw new AssertionError(xml, e);
        } catch (IOException | ParserConfigurationException e) {
            throw new IllegalStateException(e);
        }
    }

    public String root() {
        return document.getDocumentElement().getNamespaceURI() + " "
                + document.getDocumentElement().getLocalName();
    }

    /** Texts of all elements with this name, in order. */
    public List<String> texts(String element) {
        return elements(document.getDocumentElement(), element).stream()
                .map(Element::getTextContent)
                .toList();
    }

    public List<Element> all(String element) {
        return elements(document.getDocumentElement(), element);
    }

    public static List<Element> elements(Element below, String name) {
        var found = below.getElementsByTagNameNS("*", name);
        return IntStream.range(0, found.getLength())
                .mapToObj(i -> (Element) found.item(i))
                .toList();
    }

    /** Text of the only element with this name in another one. */
    public static String text(Element below, String name) {
        var found = elements(below, name);
        if (found.size() != 1) {
            throw new AssertionError(found.size() + " of " + name);
        }
        return found.getFirst().getTextContent();
    }
}
