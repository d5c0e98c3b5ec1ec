package dev.narthex.ecosystem.pypi;

import dev.narthex.archive.ArchiveRejectedException;
import dev.narthex.archive.CountingSourceStream;
import dev.narthex.archive.ZipReader;
import dev.narthex.stream.BlockFilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * The content of a wheel, after one pass over all of it.
 *
 * @param files by path, without directories
 * @param infos names of its dist-info directories
 * @param read content of its METADATA, RECORD, WHEEL and, unless it is too long, entry_points.txt, by name
 */
record WheelFiles(Map<String, FileDigest> files, Set<String> infos, Map<String, byte[]> read) {
    private static final Pattern IN_INFO = Pattern.compile("([^/]+\\.dist-info)/(.*)", Pattern.DOTALL);
    private static final Pattern IN_DATA = Pattern.compile("[^/]+\\.data/(.*)", Pattern.DOTALL);

    /** The subdirectories of .data that installers support. */
    private static final Pattern SCHEME =
            Pattern.compile("(?:(?:purelib|platlib|headers|scripts|data)(?:/.*)?)?", Pattern.DOTALL);

    private static final int RECORD_BYTES = 32 << 20;

    static final String ENTRY_POINTS = "entry_points.txt";

    private static final Map<String, Integer> WANTED = Map.of(
            "METADATA",
            CoreMetadata.BYTES,
            "WHEEL",
            CoreMetadata.BYTES,
            "RECORD",
            RECORD_BYTES,
            ENTRY_POINTS,
            CoreMetadata.BYTES);

    /** A file of the wheel. */
    record FileDigest(long size, byte[] digest) {}

    /** @param algorithm digest algorithm for its files, by its Java name */
    static WheelFiles read(CountingSourceStream wheel, String algorithm) throws IOException {
        var files = new WheelFiles(new LinkedHashMap<>(), new TreeSet<>(), new LinkedHashMap<>());
        try (var zip = new ZipReader(wheel)) {
            for (var path = zip.next(); path.isPresent(); path = zip.next()) {
                files.take(path.get(), zip.content(), digest(algorithm));
            }
        }
        return files;
    }

    private void take(String path, InputStream content, MessageDigest digest) throws IOException {
        var info = IN_INFO.matcher(path);
        if (info.matches()) {
            infos.add(info.group(1));
        }
        var data = IN_DATA.matcher(path);
        if (data.matches() && !SCHEME.matcher(data.group(1)).matches()) {
            throw new ArchiveRejectedException(
                    "It has " + WheelRecord.shorten(path) + ", and .data has no such folder.");
        }
        if (path.endsWith("/")) {
            return;
        }
        var in = new DigestingEntryStream(new DigestInputStream(content, digest));
        if (info.matches() && WANTED.containsKey(info.group(2))) {
            int max = WANTED.get(info.group(2));
            var bytes = in.readNBytes(max + 1);
            boolean whole = bytes.length <= max;
            if (!whole && !info.group(2).equals(ENTRY_POINTS)) {
                throw new ArchiveRejectedException("It has a " + info.group(2) + " that is too long.");
            }
            if (whole) {
                read.put(info.group(2), bytes);
            }
        }
        in.transferTo(OutputStream.nullOutputStream());
        files.put(path, new FileDigest(in.count, digest.digest()));
    }

    private static MessageDigest digest(String algorithm) {
        try {
            return MessageDigest.getInstance(algorithm);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static final class DigestingEntryStream extends BlockFilterInputStream {
        private long count;

        DigestingEntryStream(InputStream in) {
            super(in);
        }

        @Override
        public int read(byte[] b, int off, int len) throws IOException {
            int n = in.read(b, off, len);
            count += Math.max(n, 0);
            return n;
        }
    }
}
