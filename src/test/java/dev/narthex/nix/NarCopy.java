package dev.narthex.nix;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;

/** Writes an archive from the events of a reader, and checks that they come in the order that {@link NarVisitor} promises. */
final class NarCopy implements NarVisitor {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream raw = new ByteArrayOutputStream();
    private final ByteArrayOutputStream contents = new ByteArrayOutputStream();
    private final NarWriter writer = new NarWriter(out);
    private byte[] name = {};
    private boolean executable;
    private long contentEnd;
    private int depth;

    private NarCopy() {}

    /** Returns the archive written by NarWriter; fails if an event was out of order. */
    static byte[] of(InputStream in, NarLimits limits) throws IOException {
        var copy = new NarCopy();
        copy.writer.start();
        long size = NarReader.readWhole(in, limits, copy);
        copy.writer.close();
        copy.check(size == copy.raw.size(), "size " + size);
        copy.check(java.util.Arrays.equals(copy.raw.toByteArray(), copy.out.toByteArray()), "raw bytes");
        return copy.out.toByteArray();
    }

    @Override
    public void raw(byte[] buffer, int offset, int length) {
        check(length > 0, "empty raw");
        raw.write(buffer, offset, length);
    }

    @Override
    public void directory(byte[] name, int depth) throws IOException {
        check(depth == this.depth++, "depth");
        writer.directory(name);
    }

    @Override
    public void regular(byte[] name, int depth, boolean executable, long size, long offset) {
        check(depth == this.depth, "depth");
        check(raw.size() == offset, "raw before the content");
        contents.reset();
        this.name = name;
        this.executable = executable;
        this.contentEnd = offset + size;
    }

    @Override
    public void contents(byte[] buffer, int offset, int length) {
        contents.write(buffer, offset, length);
    }

    @Override
    public void endRegular() throws IOException {
        check(raw.size() == contentEnd, "raw at the end of the content");
        writer.regular(name, executable, contents.size(), new ByteArrayInputStream(contents.toByteArray()));
    }

    @Override
    public void symlink(byte[] name, int depth, byte[] target) throws IOException {
        check(depth == this.depth, "depth");
        writer.symlink(name, target);
    }

    @Override
    public void endDirectory() throws IOException {
        depth--;
        writer.endDirectory();
    }

    private void check(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError(what);
        }
    }
}
