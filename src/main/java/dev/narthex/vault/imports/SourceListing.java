package dev.narthex.vault.imports;

import dev.narthex.problem.Problem;
import dev.narthex.problem.ProblemException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/**
 * Lists the paths of a source. The binary cache protocol has no list, so this reads what there is: directory pages of web servers
 * (nginx {@code autoindex}, in HTML or JSON) and ListObjectsV2 of S3 (XML, a thousand names per page). All of them contain the
 * names of narinfo files verbatim, so one reader finds them. Web servers that ignore the query string still return their page.
 */
final class SourceListing {
    /** The delimiter leaves out folders, and so the NARs. */
    private static final String QUERY = "?list-type=2&delimiter=%2F";

    private static final Pattern NARINFO = Pattern.compile("(?<![0-9A-Za-z])([0-9a-df-np-sv-z]{32})\\.narinfo");
    private static final Pattern NEXT =
            Pattern.compile("<NextContinuationToken>([^<]{1,2000})</NextContinuationToken>");

    private static final int BLOCK = 256 * 1024;
    /** Longer than a name or token with its tags, so that none is lost at the boundary of two blocks. */
    private static final int OVERLAP = 4096;

    private static final int MAX_PAGES = 100_000;

    private SourceListing() {}

    /**
     * Reads the whole list.
     *
     * @param consumer receives hash parts in batches; may get the same one several times
     */
    static void read(RemoteCache source, Consumer<List<String>> consumer) throws IOException {
        var query = QUERY;
        var found = new AtomicLong();
        for (int page = 0; page < MAX_PAGES; page++) {
            var body = source.open("./" + query).orElseThrow(SourceListing::noPaths);
            Optional<String> next;
            try (body) {
                next = scan(body, hashes -> {
                    found.addAndGet(hashes.size());
                    consumer.accept(hashes);
                });
            }
            if (next.isEmpty()) {
                if (found.get() == 0) {
                    throw noPaths();
                }
                return;
            }
            query = QUERY + "&continuation-token=" + URLEncoder.encode(next.get(), StandardCharsets.UTF_8);
        }
    }

    private static ProblemException noPaths() {
        return Problem.mismatch("source", "It lists no store paths. Name those to import instead.");
    }

    /** Returns the continuation token of the next page. */
    static Optional<String> scan(InputStream body, Consumer<List<String>> consumer) throws IOException {
        Reader text = new InputStreamReader(body, StandardCharsets.UTF_8);
        Optional<String> next = Optional.empty();
        var block = new StringBuilder();
        var buffer = new char[BLOCK];
        for (int n = text.read(buffer); n >= 0; n = text.read(buffer)) {
            block.append(buffer, 0, n);
            consumer.accept(hashes(block));
            var token = NEXT.matcher(block);
            if (token.find()) {
                next = Optional.of(unescape(token.group(1)));
            }
            block.delete(0, Math.max(0, block.length() - OVERLAP));
        }
        return next;
    }

    private static List<String> hashes(CharSequence block) {
        var hashes = new ArrayList<String>();
        var name = NARINFO.matcher(block);
        while (name.find()) {
            hashes.add(name.group(1));
        }
        return hashes;
    }

    private static String unescape(String xml) {
        return xml.replace("&lt;", "<")
                .replace("&gt;", ">")
                .replace("&quot;", "\"")
                .replace("&amp;", "&");
    }
}
