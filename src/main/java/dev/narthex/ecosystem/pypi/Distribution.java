package dev.narthex.ecosystem.pypi;

import dev.narthex.ecosystem.Bounds;
import dev.narthex.ecosystem.Refused;
import dev.narthex.ecosystem.SourceStream;
import dev.narthex.ecosystem.TarReader;
import dev.narthex.ecosystem.ZipReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;

/** Reads a wheel or source distribution in one pass over all of it, for its metadata and for what would hurt a client. */
final class Distribution {
    private static final Pattern DIST_INFO = Pattern.compile("([^/]+)\\.dist-info/([^/]+)");
    private static final Pattern PKG_INFO = Pattern.compile("([^/]+)/PKG-INFO");

    private Distribution() {}

    /** @return the metadata, if it is that of a distribution with this file name */
    static Optional<Metadata> read(DistributionName name, SourceStream source) throws IOException {
        return (name.wheel() ? wheel(name, source) : sdist(source)).filter(name::agrees);
    }

    private static Optional<Metadata> wheel(DistributionName name, SourceStream source) throws IOException {
        Optional<Metadata> metadata = Optional.empty();
        var infos = new HashSet<String>();
        var files = new HashSet<String>();
        try (var zip = new ZipReader(source)) {
            for (var path = zip.next(); path.isPresent(); path = zip.next()) {
                var m = DIST_INFO.matcher(path.get());
                if (m.matches()) {
                    infos.add(m.group(1));
                    files.add(m.group(2));
                    metadata = m.group(2).equals("METADATA") ? Optional.of(metadata(zip.content())) : metadata;
                }
            }
        }
        boolean one = infos.size() == 1 && files.containsAll(Set.of("METADATA", "RECORD", "WHEEL"));
        return one && infos.stream().allMatch(info -> belongs(name, info)) ? metadata : Optional.empty();
    }

    /** {@code {name}-{version}.dist-info}: pip stops at a folder of another project. */
    private static boolean belongs(DistributionName name, String info) {
        int dash = info.lastIndexOf('-');
        return dash > 0 && name.agrees(info.substring(0, dash), info.substring(dash + 1));
    }

    private static Optional<Metadata> sdist(SourceStream source) throws IOException {
        var unpacked = Bounds.unpacked(new GZIPInputStream(source, 64 * 1024), source);
        var tar = new TarReader(unpacked);
        var bounds = new Bounds();
        Optional<Metadata> metadata = Optional.empty();
        for (var entry = tar.next(); entry.isPresent(); entry = tar.next()) {
            var path = entry.get().path();
            Bounds.checkInside(path);
            if (entry.get().kind() == TarReader.Kind.FILE) {
                bounds.admit(path);
                metadata = PKG_INFO.matcher(path).matches() ? Optional.of(metadata(tar.content())) : metadata;
            }
        }
        unpacked.transferTo(OutputStream.nullOutputStream());
        return metadata;
    }

    private static Metadata metadata(InputStream in) throws IOException {
        var bytes = in.readNBytes(Metadata.BYTES + 1);
        return text(bytes)
                .map(Metadata::parse)
                .orElseThrow(() -> new Refused("The metadata is no text of at most 1 MiB."));
    }

    /** Kept text must give these bytes again, so only UTF-8 without zero characters is text. */
    static Optional<String> text(byte[] bytes) {
        return bytes.length > Metadata.BYTES ? Optional.empty() : plain(bytes);
    }

    /** The same for a file of any length. */
    static Optional<String> plain(byte[] bytes) {
        try {
            var text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
            return Optional.of(text).filter(t -> t.indexOf('\0') < 0);
        } catch (CharacterCodingException e) {
            return Optional.empty();
        }
    }
}
