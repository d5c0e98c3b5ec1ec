package dev.narthex.ecosystem.pypi;

import dev.narthex.http.LimitedInputStream;
import dev.narthex.problem.Problem;
import dev.narthex.problem.ProblemException;
import dev.narthex.spi.ReceivedFile;
import dev.narthex.spi.UploadIntake;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.commons.fileupload2.core.FileUploadException;
import org.apache.commons.fileupload2.core.MultipartInput;
import org.apache.commons.fileupload2.core.ParameterParser;
import org.jspecify.annotations.Nullable;

/**
 * The form of an upload (pypi/warehouse docs/user/api/upload.md): {@code multipart/form-data} as sent by twine, flit, pdm and
 * poetry. Fields may precede or follow the file, which is stored on disk while it is read. Only fields that the file itself does
 * not contain, or that are checked against it, are kept. Close it to delete the file.
 *
 * @param fields without empty ones
 */
record UploadForm(Map<String, String> fields, Optional<FilePart> file) implements AutoCloseable {
    static final String NAME = "name";
    static final String ATTESTATIONS = "attestations";

    /** Maximum size of one field, such as a description. */
    static final int FIELD_BYTES = 1 << 20;

    /** Maximum size of all fields together. */
    static final int FORM_BYTES = 8 << 20;

    static final int PARTS = 1000;

    private static final int PART_HEADER_BYTES = 4096;
    private static final int BUFFER_BYTES = 64 * 1024;
    private static final int MAX_BOUNDARY_LENGTH = 200;
    private static final String CONTENT = "content";
    private static final Set<String> KEPT = Set.of(
            ":action",
            "protocol_version",
            NAME,
            "version",
            "filetype",
            "sha256_digest",
            "md5_digest",
            "blake2_256_digest",
            ATTESTATIONS);

    /** @param filename as sent by the client, unchecked */
    record FilePart(String filename, ReceivedFile content) {}

    UploadForm {
        fields = Map.copyOf(fields);
    }

    /**
     * Reads a form. On failure nothing is kept.
     *
     * @param type the Content-Type of the request
     * @param named receives the project name before the file is stored, if the name precedes the file; may throw to refuse it
     * @throws ProblemException Mismatch if the form is malformed, TooLarge, UnsupportedMediaType
     */
    static UploadForm read(InputStream body, String type, UploadIntake intake, Consumer<String> named)
            throws IOException {
        var boundary = boundary(type);
        long max = intake.largestFile() + FORM_BYTES;
        var limited = new LimitedInputStream(body, max, () -> tooLarge("form", "A form with its file", max));
        var reading = new FormReader(intake, named);
        try {
            reading.all(MultipartInput.builder()
                    .setInputStream(limited)
                    .setBoundary(boundary)
                    .setBufferSize(BUFFER_BYTES)
                    .setMaxPartHeaderSize(PART_HEADER_BYTES)
                    .get());
            return new UploadForm(reading.fields, Optional.ofNullable(reading.file));
        } catch (FileUploadException e) {
            reading.discard();
            throw malformed("The form broke off, or is no multipart/form-data.");
        } catch (IOException | RuntimeException e) {
            reading.discard();
            throw e;
        }
    }

    Optional<String> field(String name) {
        return Optional.ofNullable(fields.get(name));
    }

    @Override
    public void close() throws IOException {
        if (file.isPresent()) {
            file.get().content.close();
        }
    }

    private static byte[] boundary(String type) {
        var boundary = parameters(type).getOrDefault("boundary", "");
        boolean form = type.regionMatches(true, 0, "multipart/form-data", 0, "multipart/form-data".length());
        if (!form || boundary.isEmpty() || boundary.length() > MAX_BOUNDARY_LENGTH) {
            throw Problem.unsupportedMediaType(
                    "Files are uploaded as multipart/form-data with a boundary, as twine sends them.");
        }
        return boundary.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static Map<String, String> parameters(String header) {
        var parser = new ParameterParser();
        parser.setLowerCaseNames(true);
        var parameters = new HashMap<String, String>();
        parser.parse(header, ';').forEach((name, value) -> {
            if (value != null) {
                parameters.put(name, value);
            }
        });
        return parameters;
    }

    static ProblemException malformed(String why) {
        return Problem.mismatch("form", why);
    }

    private static ProblemException tooLarge(String what, String subject, long max) {
        return Problem.tooLarge(what, subject + " may have " + max + " bytes here. Nothing was published.");
    }

    private static final class FormReader {
        private final UploadIntake intake;
        private final Consumer<String> fieldNames;
        private final Map<String, String> fields = new HashMap<>();
        private long fieldBytes;
        private @Nullable FilePart file;

        FormReader(UploadIntake intake, Consumer<String> named) {
            this.intake = intake;
            this.fieldNames = named;
        }

        void all(MultipartInput form) throws IOException {
            boolean more = form.skipPreamble();
            for (int parts = 0; more; parts++) {
                if (parts >= PARTS) {
                    throw Problem.tooLarge("form", "A form may have " + PARTS + " fields here.");
                }
                var disposition = disposition(form.readHeaders());
                // Not closed: close would read the rest of the body, however much a refused client sends.
                part(disposition, form.newInputStream());
                more = form.readBoundary();
            }
        }

        private static Map<String, String> disposition(String headers) {
            return headers.lines()
                    .filter(line -> line.regionMatches(true, 0, "content-disposition:", 0, 20))
                    .findFirst()
                    .map(line -> parameters(line.substring(20)))
                    .orElse(Map.of());
        }

        private void part(Map<String, String> disposition, InputStream content) throws IOException {
            var name = disposition.getOrDefault("name", "");
            if (name.equals(CONTENT) && disposition.containsKey("filename")) {
                take(disposition.getOrDefault("filename", ""), content);
                return;
            }
            var field = new LimitedInputStream(content, FIELD_BYTES, () -> tooLarge("form", "A field", FIELD_BYTES));
            if (KEPT.contains(name)) {
                var text = field.readAllBytes();
                count(text.length);
                addField(name, new String(text, StandardCharsets.UTF_8).strip());
            } else {
                count(field.transferTo(OutputStream.nullOutputStream()));
            }
        }

        private void count(long bytes) {
            fieldBytes += bytes;
            if (fieldBytes > FORM_BYTES) {
                throw tooLarge("form", "All fields together", FORM_BYTES);
            }
        }

        private void addField(String name, String value) {
            if (!value.isEmpty() && fields.put(name, value) != null) {
                throw malformed("The form has the field " + name + " more than once.");
            }
        }

        private void take(String filename, InputStream content) throws IOException {
            if (file != null) {
                throw malformed("The form has more than one file.");
            }
            var name = fields.get(NAME);
            if (name != null) {
                fieldNames.accept(name);
            }
            file = new FilePart(filename, intake.receive(content::transferTo));
        }

        void discard() throws IOException {
            if (file != null) {
                file.content.close();
            }
        }
    }
}
