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
    private static final int MAX_DEPTH = 255;

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
                JsonPullParser.write(link.target(), out);
                out.write(",\"type\":\"symlink\"}");
            }
            case Entry.Directory directory -> {
                out.write("{\"entries\":{");
                var comma = "";
                for (var child : directory.entries().entrySet()) {
                    out.write(comma);
                    comma = ",";
                    JsonPullParser.write(child.getKey(), out);
                    out.write(':');
                    write(child.getValue(), out);
                }
                out.write("},\"type\":\"directory\"}");
            }
        }
    }

    static NarListing parse(String json) {
        var reader = new JsonPullParser(json, "NAR listing");
        Optional<Entry> root = Optional.empty();
        long version = 0;
        for (var members = reader.beginObject(); members.next(); ) {
            switch (members.key()) {
                case "root" -> root = Optional.of(readEntry(reader, 0));
                case "version" -> version = reader.readNumber();
                default -> reader.skipValue();
            }
        }
        reader.requireEnd();
        if (version != VERSION) {
            throw malformed("version " + version, "expected version 1.");
        }
        return new NarListing(root.orElseThrow(() -> malformed("", "root is missing.")));
    }

    private static Entry readEntry(JsonPullParser reader, int depth) {
        if (depth > MAX_DEPTH) {
            throw malformed("depth " + depth, "directories are nested too deep.");
        }
        var builder = new EntryBuilder();
        for (var members = reader.beginObject(); members.next(); ) {
            switch (members.key()) {
                case "type" -> builder.type = reader.readString();
                case "executable" -> builder.executable = reader.readBoolean();
                case "size" -> builder.size = OptionalLong.of(reader.readNumber());
                case "narOffset" -> builder.narOffset = OptionalLong.of(reader.readNumber());
                case "target" -> builder.target = Optional.of(requireDecodedText(reader.readString()));
                case "entries" -> builder.entries = Optional.of(readEntries(reader, depth));
                default -> reader.skipValue();
            }
        }
        return builder.build();
    }

    private static SortedMap<String, Entry> readEntries(JsonPullParser reader, int depth) {
        var entries = new TreeMap<String, Entry>(SurrogateEscapedText.BYTE_ORDER);
        for (var members = reader.beginObject(); members.next(); ) {
            var name = requireDecodedText(members.key());
            if (!NarReader.isFileName(SurrogateEscapedText.encode(name))
                    || entries.put(name, readEntry(reader, depth + 1)) != null) {
                throw malformed(name, "not a file name, or one that occurs twice.");
            }
        }
        return entries;
    }

    private static String requireDecodedText(String text) {
        if (!SurrogateEscapedText.isDecodedText(text)) {
            throw malformed(text, "a surrogate that represents no byte.");
        }
        return text;
    }

    private static ProblemException malformed(String given, String hint) {
        return Problem.malformed("NAR listing", given, hint);
    }

    /** The members of one entry, which may be in any order. */
    private static final class EntryBuilder {
        private String type = "";
        private boolean executable;
        private OptionalLong size = OptionalLong.empty();
        private OptionalLong narOffset = OptionalLong.empty();
        private Optional<String> target = Optional.empty();
        private Optional<SortedMap<String, Entry>> entries = Optional.empty();

        Entry build() {
            return switch (type) {
                case "regular" ->
                    new Entry.Regular(
                            executable,
                            size.orElseThrow(() -> incompleteProblem("size")),
                            narOffset.orElseThrow(() -> incompleteProblem("narOffset")));
                case "symlink" -> new Entry.Symlink(target.orElseThrow(() -> incompleteProblem("target")));
                case "directory" -> new Entry.Directory(entries.orElseThrow(() -> incompleteProblem("entries")));
                default -> throw malformed(type, "the type must be regular, symlink or directory.");
            };
        }

        private static ProblemException incompleteProblem(String member) {
            return malformed(member, "missing in an entry.");
        }
    }
}
