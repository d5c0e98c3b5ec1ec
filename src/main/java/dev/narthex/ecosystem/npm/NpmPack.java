package dev.narthex.ecosystem.npm;

import dev.narthex.archive.ArchiveLimits;
import dev.narthex.archive.ConcatenatedInputStream;
import dev.narthex.archive.DeterministicDeflateStream;
import dev.narthex.archive.PortableTree;
import dev.narthex.spi.FileSource;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;

/**
 * Builds the tarball of a package's tree, as {@code npm pack} would. The tar is byte-identical to npm's. The gzip layer cannot
 * be, since zlib implementations differ, but it is the same on every machine. Increase the number in {@link #TRANSCODER} with any
 * change of the output, here or in {@link DeterministicDeflateStream}: existing tarballs are kept.
 */
final class NpmPack implements FileSource {
    static final String TRANSCODER = "tgz-2";

    private static final String PACKAGE_JSON = "package.json";

    /** Header without name, time and compression flags, system unknown (RFC 1952 §2.3), so that it is reproducible. */
    private static final byte[] GZIP = {0x1f, (byte) 0x8b, 8, 0, 0, 0, 0, 0, 0, (byte) 0xff};

    private final List<PortableTree.File> files;
    private final byte[] packageJson;
    private final Set<String> commands;

    /**
     * @param files in any order
     * @param packageJson replaces the one in the tree
     * @param commands paths of the files in {@code bin}
     */
    NpmPack(List<PortableTree.File> files, byte[] packageJson, Set<String> commands) {
        this.files = files.stream()
                .sorted((a, b) -> TarballFileOrder.PATHS.compare(a.path(), b.path()))
                .toList();
        this.packageJson = packageJson.clone();
        this.commands = Set.copyOf(commands);
    }

    @Override
    public InputStream open() {
        var crc = new CRC32();
        var deflated = new DeterministicDeflateStream(new CheckedInputStream(tar(), crc));
        var tarball =
                new ConcatenatedInputStream(Stream.<ConcatenatedInputStream.Part>of(
                                () -> new ByteArrayInputStream(GZIP),
                                () -> deflated,
                                () -> new ByteArrayInputStream(trailer(crc, deflated)))
                        .iterator()) {
                    @Override
                    public void close() throws IOException {
                        super.close();
                        deflated.close();
                    }
                };
        return ArchiveLimits.packed(tarball, deflated::taken);
    }

    /** Returns the uncompressed tar. */
    InputStream tar() {
        return new ConcatenatedInputStream(Stream.concat(
                        files.stream().map(file -> () -> entry(file)),
                        Stream.<ConcatenatedInputStream.Part>of(
                                () -> new ByteArrayInputStream(new byte[2 * NpmTarHeader.BLOCK])))
                .iterator());
    }

    private InputStream entry(PortableTree.File file) throws IOException {
        var portable =
                file.path().equals(PACKAGE_JSON) ? file.toPortableFile(packageJson, false) : file.toPortableFile();
        boolean executable = portable.executable() || commands.contains(file.path());
        var header = new NpmTarHeader("package/" + file.path(), portable.size(), executable);
        var padding = new byte[NpmTarHeader.padding(portable.size())];
        return new SequenceInputStream(Collections.enumeration(List.of(
                new ByteArrayInputStream(header.bytes()), portable.content(), new ByteArrayInputStream(padding))));
    }

    private static byte[] trailer(CRC32 crc, DeterministicDeflateStream deflated) {
        return ByteBuffer.allocate(8)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt((int) crc.getValue())
                .putInt((int) deflated.taken())
                .array();
    }
}
