package dev.narthex.ecosystem.npm;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.narthex.problem.Problem;
import dev.narthex.spi.PackageWriter;
import dev.narthex.spi.ReceivedFile;
import dev.narthex.spi.UntrustedJson;
import dev.narthex.stream.BlockFilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The body of a PUT to a package's URL (npm/cli workspaces/libnpmpublish/lib/publish.js): one JSON object with the package's
 * members and the tarball in base64, in any order. The tarball is decoded while it is read and stored on disk; the rest is
 * bounded and kept in memory. Close it to delete the tarball.
 *
 * @param members all members except the attachments
 * @param provenance Sigstore bundle, as it was sent
 */
record PublishDocument(ObjectNode members, Optional<Attachment> attachment, Optional<String> provenance)
        implements AutoCloseable {
    /** Maximum size of a document without its tarball. That of a package with several thousand versions has 5 million bytes. */
    static final long METADATA_BYTES = 16L << 20;

    private static final int DEPTH = 100;

    /** Maximum number of names and values: each takes some hundred bytes of memory, however short it is in the document. */
    private static final long MAX_TOKENS = 1_000_000;

    private static final String ATTACHMENTS = "_attachments";
    private static final String PROVENANCE = ".sigstore";

    private static final JsonMapper MAPPER = mapper();

    /** @param length as stated by the client; -1 if it is missing */
    record Attachment(ReceivedFile file, long length) {}

    private static JsonMapper mapper() {
        var limits = StreamReadConstraints.builder()
                .maxNestingDepth(DEPTH)
                .maxTokenCount(MAX_TOKENS)
                .maxStringLength((int) METADATA_BYTES)
                .build();
        return JsonMapper.builder(UntrustedJson.factoryWithoutDuplicates(limits))
                .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
                .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
                .build();
    }

    /** Returns the maximum size of a document, in bytes, for tarballs of at most this size. */
    static long mostBytes(long largestFile) {
        return largestFile / 3 * 4 + 4 + METADATA_BYTES;
    }

    /**
     * Reads a body. On failure nothing is kept.
     *
     * @throws dev.narthex.problem.ProblemException Mismatch if the document is malformed, TooLarge, Unavailable
     */
    static PublishDocument read(InputStream body, PackageWriter writer) throws IOException {
        var largeDocumentTurn = new LargeDocumentTurn();
        var metered = new SizeLimitedInputStream(body, mostBytes(writer.largestFile()), largeDocumentTurn);
        var reading = new DocumentReader(metered, writer);
        try (largeDocumentTurn;
                var json = MAPPER.getFactory().createParser(metered)) {
            reading.document(json);
            return new PublishDocument(
                    reading.members, Optional.ofNullable(reading.attachment), Optional.ofNullable(reading.provenance));
        } catch (StreamConstraintsException e) {
            reading.discard();
            throw malformed("it is nested too deeply, or has more than " + MAX_TOKENS + " names and values");
        } catch (JsonProcessingException e) {
            reading.discard();
            throw malformed("it is no JSON object as clients of npm send it");
        } catch (IOException | RuntimeException e) {
            reading.discard();
            throw e;
        }
    }

    private static RuntimeException malformed(String why) {
        return Problem.mismatch("document", "The document cannot be published: " + why + ".");
    }

    @Override
    public void close() throws IOException {
        if (attachment.isPresent()) {
            attachment.get().file().close();
        }
    }

    private static final class DocumentReader {
        private final ObjectNode members = MAPPER.createObjectNode();
        private final SizeLimitedInputStream body;
        private final PackageWriter writer;
        private @Nullable Attachment attachment;
        private @Nullable ReceivedFile file;
        private @Nullable String provenance;

        DocumentReader(SizeLimitedInputStream body, PackageWriter writer) {
            this.body = body;
            this.writer = writer;
        }

        void document(JsonParser json) throws IOException {
            require(json.nextToken() == JsonToken.START_OBJECT, "it is no JSON object");
            while (json.nextToken() != JsonToken.END_OBJECT) {
                var name = json.currentName();
                json.nextToken();
                if (name.equals(ATTACHMENTS)) {
                    attachments(json);
                } else {
                    members.set(name, MAPPER.<JsonNode>readTree(json));
                }
            }
            require(json.nextToken() == null, "something follows it");
        }

        private void attachments(JsonParser json) throws IOException {
            require(json.currentToken() == JsonToken.START_OBJECT, "_attachments is no object");
            while (json.nextToken() != JsonToken.END_OBJECT) {
                var name = json.currentName();
                require(json.nextToken() == JsonToken.START_OBJECT, "its attachment is no object");
                if (name.endsWith(PROVENANCE)) {
                    provenance(json);
                } else {
                    require(attachment == null && file == null, "it has more than one tarball");
                    attachment(json);
                }
            }
        }

        /** Ignores the attachment's name: the file name is derived from the package. */
        private void attachment(JsonParser json) throws IOException {
            long length = -1;
            while (json.nextToken() != JsonToken.END_OBJECT) {
                var member = json.currentName();
                var value = json.nextToken();
                if (member.equals("data")) {
                    require(value == JsonToken.VALUE_STRING, "the data of its attachment are no text");
                    data(json);
                } else if (member.equals("length")) {
                    require(value == JsonToken.VALUE_NUMBER_INT, "the length of its attachment is no number");
                    length = json.getLongValue();
                } else {
                    json.skipChildren();
                }
            }
            var received = file;
            if (received == null) {
                throw malformed("its attachment has no data");
            }
            attachment = new Attachment(received, length);
        }

        /** Unlike the tarball, its data is plain text, not base64. */
        private void provenance(JsonParser json) throws IOException {
            require(provenance == null, "it has more than one provenance");
            while (json.nextToken() != JsonToken.END_OBJECT) {
                var member = json.currentName();
                var value = json.nextToken();
                if (member.equals("data")) {
                    require(value == JsonToken.VALUE_STRING, "the data of its provenance are no text");
                    provenance = json.getText();
                } else {
                    json.skipChildren();
                }
            }
            require(provenance != null, "its provenance has no data");
        }

        private void data(JsonParser json) throws IOException {
            body.unlimited = true;
            file = writer.receive(out -> decode(json, out));
            body.unlimited = false;
        }

        /** The parser reports invalid base64 by one of two exception types, depending on the position. */
        private static void decode(JsonParser json, OutputStream out) throws IOException {
            try {
                json.readBinaryValue(out);
            } catch (IllegalArgumentException e) {
                throw malformed("its attachment is no base64");
            }
        }

        void discard() throws IOException {
            if (file != null) {
                file.close();
            }
        }
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw malformed(otherwise);
        }
    }

    /** Fails with a problem if the metadata or the whole document is too long. */
    private static final class SizeLimitedInputStream extends BlockFilterInputStream {
        private final long maxBytes;
        private final LargeDocumentTurn turn;
        private long remaining;
        private long metadataLeft = METADATA_BYTES;
        private boolean unlimited;

        SizeLimitedInputStream(InputStream in, long max, LargeDocumentTurn largeDocumentTurn) {
            super(in);
            this.maxBytes = max;
            this.turn = largeDocumentTurn;
            this.remaining = max;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            int n = in.read(bytes, offset, length);
            remaining -= Math.max(n, 0);
            metadataLeft -= unlimited ? 0 : Math.max(n, 0);
            if (remaining < 0) {
                throw tooLarge(maxBytes);
            }
            if (metadataLeft < 0) {
                throw Problem.tooLarge(
                        "metadata",
                        "Without its tarball a document may have " + METADATA_BYTES + " bytes. Nothing was published.");
            }
            turn.read(METADATA_BYTES - metadataLeft);
            return n;
        }
    }

    static RuntimeException tooLarge(long max) {
        return Problem.tooLarge(
                "document",
                "With its tarball in base64 a document may have " + max + " bytes here. Nothing was published.");
    }
}
