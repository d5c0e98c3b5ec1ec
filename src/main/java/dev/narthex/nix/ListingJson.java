package dev.narthex.nix;

import dev.narthex.nix.NarListing.Entry;
import dev.narthex.problem.Problem;
import dev.narthex.problem.ProblemException;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Reads and writes listings as JSON, version 1 (NixOS/nix src/libstore/nar-accessor.cc). Bytes that are not UTF-8, which Nix
 * cannot write as JSON, are written as escaped lone surrogates.
 */
final class ListingJson {
    private static final int VERSION = 1;
    private static final int DEEPEST = 255;

    private ListingJson() {}

    static void write(NarListing listing, OutputStream out) throws IOException {
        var writer = new BufferedWriter(new OutputStreamWriter(out, StandardCharsets.UTF_8));
        writer.write("{\"root\":");
        write(listing.root(), writer);
        writer.write(",\"version\":" + VERSION + "}");
        writer.flush();
    }

    private static void write(Entry entry, Writer out) throws IOException {
        switch (entry) {
            case Entry.Regular file ->
                out.write((file.executable() ? "{\"executable\":true,\"narOffset\":" : "{\"narOffset\":")
                        + file.narOffset() + ",\"size\":" + file.size() + ",\"type\":\"regular\"}");
            case Entry.Symlink link -> {
                out.write("{\"target\":");
                JsonText.write(link.target(), out);
                out.write(",\"type\":\"symlink\"}");
            }
            case Entry.Directory directory -> {
                out.write("{\"entries\":{");
                var comma = "";
                for (var child : directory.entries().entrySet()) {
                    out.write(comma);
                    comma = ",";
                    JsonText.write(child.getKey(), out);
                    out.write(':');
                    write(child.getValue(), out);
                }
                out.write("},\"type\":\"directory\"}");
            }
        }
    }

    static NarListing parse(String json) {
        var reader = new JsonText(json, "NAR listing");
        Optional<Entry> root = Optional.empty();
        long version = 0;
        for (var object = reader.object(); object.next(); ) {
            switch (object.key()) {
                case "root" -> root = Optional.of(entry(reader, 0));
                case "version" -> version = reader.number();
                default -> reader.skip();
            }
        }
        reader.end();
        if (version != VERSION) {
            throw malformed("version " + version, "expected version 1.");
        }
        return new NarListing(root.orElseThrow(() -> malformed("", "root is missing.")));
    }

    private static Entry entry(JsonText reader, int depth) {
        if (depth > DEEPEST) {
            throw malformed("depth " + depth, "directories are nested too deep.");
        }
        var parts = new Parts();
        for (var object = reader.object(); object.next(); ) {
            switch (object.key()) {
                case "type" -> parts.type = reader.string();
                case "executable" -> parts.executable = reader.bool();
                case "size" -> parts.size = OptionalLong.of(reader.number());
                case "narOffset" -> parts.narOffset = OptionalLong.of(reader.number());
                case "target" -> parts.target = Optional.of(exact(reader.string()));
                case "entries" -> parts.entries = Optional.of(entries(reader, depth));
                default -> reader.skip();
            }
        }
        return parts.entry();
    }

    private static SortedMap<String, Entry> entries(JsonText reader, int depth) {
        var entries = new TreeMap<String, Entry>(ByteText.ORDER);
        for (var object = reader.object(); object.next(); ) {
            var name = exact(object.key());
            if (!NarReader.isFileName(ByteText.bytes(name)) || entries.put(name, entry(reader, depth + 1)) != null) {
                throw malformed(name, "not a file name, or one that occurs twice.");
            }
        }
        return entries;
    }

    private static String exact(String text) {
        if (!ByteText.isExact(text)) {
            throw malformed(text, "a surrogate that stands for no byte.");
        }
        return text;
    }

    private static ProblemException malformed(String given, String hint) {
        return new Problem.Malformed("NAR listing", given, hint).asException();
    }

    /** The members of one entry, which may be in any order. */
    private static final class Parts {
        private String type = "";
        private boolean executable;
        private OptionalLong size = OptionalLong.empty();
        private OptionalLong narOffset = OptionalLong.empty();
        private Optional<String> target = Optional.empty();
        private Optional<SortedMap<String, Entry>> entries = Optional.empty();

        Entry entry() {
            return switch (type) {
                case "regular" ->
                    new Entry.Regular(
                            executable,
                            size.orElseThrow(() -> incomplete("size")),
                            narOffset.orElseThrow(() -> incomplete("narOffset")));
                case "symlink" -> new Entry.Symlink(target.orElseThrow(() -> incomplete("target")));
                case "directory" -> new Entry.Directory(entries.orElseThrow(() -> incomplete("entries")));
                default -> throw malformed(type, "the type must be regular, symlink or directory.");
            };
        }

        private static ProblemException incomplete(String member) {
            return malformed(member, "missing in an entry.");
        }
    }
}
