package dev.narthex.ecosystem.pypi;

import dev.narthex.archive.ArchiveLimits;
import dev.narthex.archive.DeterministicDeflateStream;
import dev.narthex.archive.PortableTree;
import dev.narthex.nix.HashAlgorithm;
import dev.narthex.nix.SurrogateEscapedText;
import dev.narthex.spi.FileSource;
import dev.narthex.spi.NotOfferedException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.DigestInputStream;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import org.jspecify.annotations.Nullable;

/**
 * Builds the wheel of an installed project (packaging.python.org, "Binary distribution format"): its files sorted by name, then
 * dist-info, RECORD last.
 *
 * <p>Files are deflated unless that makes them larger. Storing all of them would need no reproducible deflater, but three to four
 * times the size. Sizes and checksums precede each file rather than follow it, because every zip reader supports that; therefore
 * all files are read once when the wheel is first opened. Increase the number in {@link #TRANSCODER} with any change of the
 * output, here or in {@link DeterministicDeflateStream}: existing wheels are kept.
 */
final class WheelBuilder implements FileSource {
    static final String TRANSCODER = "whl-2";

    private final String info;
    private final List<Entry> entries;
    private @Nullable WheelZipWriter zip;

    /** Opens a file in the form that the wheel contains. */
    @FunctionalInterface
    interface Source {
        PortableTree.PortableFile open() throws IOException;
    }

    /** @param path in the wheel */
    record Entry(String path, Source source) {}

    /**
     * @param stem stem of the dist-info directory: name and version
     * @param entries in any order, without RECORD
     */
    WheelBuilder(String stem, List<Entry> entries) throws NotOfferedException {
        WheelZipWriter.check(entries.size() + 1, 0);
        this.info = stem + ".dist-info/";
        this.entries = entries.stream()
                .sorted(Comparator.comparing((Entry e) -> e.path.startsWith(info))
                        .thenComparing(Entry::path, SurrogateEscapedText.BYTE_ORDER))
                .toList();
        if (this.entries.stream()
                        .map(e -> PortableTree.foldCase(e.path()))
                        .distinct()
                        .count()
                != entries.size()) {
            throw new NotOfferedException(
                    "two of its files would have one place in a wheel, for some systems at least");
        }
    }

    /** Opens the wheel. Not thread-safe. */
    @Override
    public InputStream open() throws IOException {
        var ready = zip;
        if (ready == null) {
            ready = read();
            zip = ready;
        }
        return ready.open();
    }

    private WheelZipWriter read() throws IOException {
        var members = new ArrayList<WheelZipWriter.Member>();
        var record = new StringBuilder();
        for (var entry : entries) {
            var member = member(entry, record);
            members.add(member);
        }
        var path = info + "RECORD";
        record.append(quote(path)).append(",,\n");
        var bytes = record.toString().getBytes(StandardCharsets.UTF_8);
        members.add(member(
                new Entry(
                        path,
                        () -> new PortableTree.PortableFile(bytes.length, false, new ByteArrayInputStream(bytes))),
                new StringBuilder()));
        ArchiveLimits.checkPacked(
                members.stream().mapToLong(WheelZipWriter.Member::size).sum(),
                members.stream().mapToLong(WheelZipWriter.Member::packed).sum());
        return new WheelZipWriter(members);
    }

    /** Reads the file once to compute its zip entry and its line in RECORD. */
    private static WheelZipWriter.Member member(Entry entry, StringBuilder record) throws IOException {
        var sha256 = HashAlgorithm.SHA256.newDigest();
        var crc = new CRC32();
        var file = entry.source.open();
        long packed;
        try (var in = new DeterministicDeflateStream(
                new CheckedInputStream(new DigestInputStream(file.content(), sha256), crc))) {
            packed = in.transferTo(OutputStream.nullOutputStream());
        }
        var digest = Base64.getUrlEncoder().withoutPadding().encodeToString(sha256.digest());
        record.append(quote(entry.path))
                .append(",sha256=")
                .append(digest)
                .append(',')
                .append(file.size())
                .append('\n');
        boolean smaller = packed < file.size();
        return new WheelZipWriter.Member(
                entry.path,
                file.executable(),
                smaller,
                crc.getValue(),
                file.size(),
                smaller ? packed : file.size(),
                () -> smaller
                        ? new DeterministicDeflateStream(entry.source.open().content())
                        : entry.source.open().content());
    }

    /** Quotes like Python's csv module. */
    private static String quote(String path) {
        boolean plain = path.chars().noneMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r');
        return plain ? path : '"' + path.replace("\"", "\"\"") + '"';
    }
}
