package dev.narthex.publish;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import dev.narthex.access.Action;
import dev.narthex.access.AuditLog;
import dev.narthex.access.AuditLog.AuditEvent;
import dev.narthex.catalog.path.Paths;
import dev.narthex.catalog.release.DerivationMetaEntry;
import dev.narthex.catalog.release.DerivationMetaRepository;
import dev.narthex.http.LimitedInputStream;
import dev.narthex.nix.StorePath;
import dev.narthex.problem.Problem;
import dev.narthex.problem.ProblemException;
import dev.narthex.publish.recognize.ReleaseRecognition;
import dev.narthex.spi.Cache;
import dev.narthex.spi.JobQueue;
import dev.narthex.spi.UntrustedJson;
import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;

/**
 * Stores derivation metadata: the unchanged output of {@code nix-env -qaP --json --meta --drv-path --out-path}, which has
 * descriptions, licenses and maintainers that no derivation contains. It may be sent before or after the paths; rows are joined by
 * output path. The body is parsed as a stream, row by row, since that of a whole distribution is large.
 */
@ApplicationScoped
public class DerivationMetaUpload {
    private static final int BATCH_ROWS = 500;
    private static final int BATCH_CHARACTERS = 4 << 20;
    /** Both limits bound the cost of a row, because it is stored once per output. Real rows have a few KiB. */
    private static final int MAX_ROW_BYTES = 256 * 1024;

    private static final int MAX_OUTPUTS = 64;
    private static final String EXPECTED_FORM =
            "expected the JSON that nix-env -qaP --json --meta --drv-path --out-path prints: an object of rows by attribute.";

    private final DerivationMetaRepository metas;
    private final Paths paths;
    private final JobQueue jobs;
    private final AuditLog audit;
    private final JsonFactory json;

    DerivationMetaUpload(DerivationMetaRepository metas, Paths paths, JobQueue jobs, AuditLog audit) {
        this.metas = metas;
        this.paths = paths;
        this.jobs = jobs;
        this.audit = audit;
        this.json = UntrustedJson.factory(StreamReadConstraints.builder()
                .maxStringLength(MAX_ROW_BYTES)
                .maxNestingDepth(100)
                .build());
        this.json.setCodec(UntrustedJson.mapper().build());
    }

    /**
     * The result of an upload.
     *
     * @param rows number of rows read
     * @param outputs number of store paths that the rows name
     * @param matched number of these that are in the cache
     */
    public record DerivationMetaResult(long rows, long outputs, long matched) {}

    public DerivationMetaResult receive(Cache cache, InputStream body) throws IOException {
        var result = new DerivationMetaResult(0, 0, 0);
        var limitedBody = new LimitedInputStream(body, MAX_ROW_BYTES, DerivationMetaUpload::tooLarge);
        try (var parser = json.createParser(limitedBody)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw malformed("");
            }
            var batch = new ArrayList<DerivationMetaEntry>();
            int characters = 0;
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                var attribute = parser.currentName();
                parser.nextToken();
                var rows = parseRows(attribute, parser);
                limitedBody.resetLimit();
                batch.addAll(rows);
                characters += rows.stream().mapToInt(row -> row.json().length()).sum();
                result = new DerivationMetaResult(result.rows() + 1, result.outputs() + rows.size(), result.matched());
                if (batch.size() >= BATCH_ROWS || characters >= BATCH_CHARACTERS) {
                    result = storeBatch(cache, batch, result);
                    characters = 0;
                }
            }
            result = storeBatch(cache, batch, result);
            if (parser.nextToken() != null) {
                throw malformed("more after the end of the object");
            }
            return result;
        } catch (JsonProcessingException e) {
            throw malformed(e.getOriginalMessage());
        }
    }

    private DerivationMetaResult storeBatch(Cache cache, List<DerivationMetaEntry> batch, DerivationMetaResult result) {
        long matched = QuarkusTransaction.requiringNew().call(() -> {
            var presentHashes = metas.add(cache.id(), List.copyOf(batch));
            if (!batch.isEmpty()) {
                audit.recordDone(AuditEvent.ofCache(cache, Action.PUSH, "metadata of " + batch.size() + " outputs"));
            }
            presentHashes.forEach(hash -> jobs.queue(ReleaseRecognition.KIND, ReleaseRecognition.jobKey(cache, hash)));
            return (long) presentHashes.size();
        });
        batch.clear();
        return new DerivationMetaResult(result.rows(), result.outputs(), result.matched() + matched);
    }

    private static List<DerivationMetaEntry> parseRows(String attribute, JsonParser parser) throws IOException {
        JsonNode row = parser.readValueAsTree();
        if (!row.isObject()) {
            throw malformed(attribute);
        }
        var outputs = row.path("outputs").properties();
        if (outputs.size() > MAX_OUTPUTS) {
            throw malformed(attribute + " has more than " + MAX_OUTPUTS + " outputs");
        }
        var text = row.toString();
        var rows = new ArrayList<DerivationMetaEntry>();
        for (var output : outputs) {
            if (output.getValue().isTextual()) {
                rows.add(new DerivationMetaEntry(
                        parseHashPart(attribute, output.getValue().asText()), attribute, text));
            }
        }
        return rows;
    }

    private static String parseHashPart(String attribute, String path) {
        try {
            return StorePath.parse(path).hash();
        } catch (ProblemException e) {
            throw malformed("the output of " + attribute + " is no store path");
        }
    }

    private static ProblemException malformed(String detail) {
        return Problem.malformed("derivation metadata", detail, EXPECTED_FORM);
    }

    private static ProblemException tooLarge() {
        return Problem.tooLarge("derivation metadata", "One row may have " + MAX_ROW_BYTES + " bytes.");
    }
}
