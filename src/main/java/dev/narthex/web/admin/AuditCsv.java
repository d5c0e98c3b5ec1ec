package dev.narthex.web.admin;

import dev.narthex.access.AuditQuery;
import dev.narthex.access.AuditQuery.Entry;
import dev.narthex.access.AuditQuery.Filter;
import jakarta.ws.rs.core.StreamingOutput;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jboss.resteasy.reactive.RestResponse;
import org.jboss.resteasy.reactive.RestResponse.ResponseBuilder;

/**
 * Streams audit log entries as CSV (RFC 4180), reading them in batches. Users can put any text into the log, for example as the
 * name or URL in a request, so cells that a spreadsheet would evaluate as a formula get a leading apostrophe.
 */
public final class AuditCsv implements StreamingOutput {
    private static final int BATCH = 1000;
    private static final String HEAD = "id,at,cache,who,via,action,object,result,address\r\n";
    private static final String FORMULA = "=+-@\t\r";

    private final AuditQuery auditQuery;
    private final Filter filter;

    public AuditCsv(AuditQuery auditQuery, Filter filter) {
        this.auditQuery = auditQuery;
        this.filter = filter;
    }

    /** @param name file name of the download */
    public RestResponse<Object> respond(String name) {
        return ResponseBuilder.<Object>ok(this)
                .header("Content-Type", "text/csv; charset=utf-8")
                .header("Content-Disposition", "attachment; filename=\"" + name + "\"")
                .header("Cache-Control", "no-store")
                .build();
    }

    @Override
    public void write(OutputStream out) throws IOException {
        var text = new OutputStreamWriter(out, StandardCharsets.UTF_8);
        text.write(HEAD);
        var from = filter;
        while (true) {
            var page = auditQuery.list(from, BATCH);
            for (var entry : page) {
                text.write(line(entry));
            }
            text.flush();
            if (page.size() < BATCH) {
                return;
            }
            from = from.before(page.getLast().id());
        }
    }

    private static String line(Entry entry) {
        return Stream.of(
                                Long.toString(entry.id()),
                                entry.at().toString(),
                                entry.cache().orElse(""),
                                entry.actor(),
                                entry.via(),
                                entry.action(),
                                entry.object(),
                                entry.allowed() ? "done" : "refused",
                                entry.address().orElse(""))
                        .map(AuditCsv::cell)
                        .collect(Collectors.joining(","))
                + "\r\n";
    }

    static String cell(String text) {
        var safe = !text.isEmpty() && FORMULA.indexOf(text.charAt(0)) >= 0 ? "'" + text : text;
        return "\"" + safe.replace("\"", "\"\"") + "\"";
    }
}
