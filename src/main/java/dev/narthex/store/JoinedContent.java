package dev.narthex.store;

import dev.narthex.content.Content;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Objects;

/** Contents laid end to end. Each is opened when its turn comes, and closed before the next. */
record JoinedContent(List<Content> parts) implements Content {
    @Override
    public long length() {
        return parts.stream().mapToLong(Content::length).sum();
    }

    @Override
    public InputStream open(long from, long count) throws IOException {
        Objects.checkFromIndexSize(from, count, length());
        var run = new ArrayDeque<Content>();
        long start = 0;
        for (var part : parts) {
            long first = Math.max(from, start) - start;
            long end = Math.min(from + count, start + part.length()) - start;
            if (first < end) {
                run.add(part.slice(first, end - first));
            }
            start += part.length();
        }
        return new Chain(run);
    }

    private static final class Chain extends InputStream implements ReadableByteChannel {
        private final Deque<Content> rest;
        private InputStream current;
        private ReadableByteChannel channel;

        Chain(Deque<Content> rest) {
            this.rest = rest;
            begin(InputStream.nullInputStream());
        }

        private void begin(InputStream part) {
            current = part;
            channel = NarStream.channel(part);
        }

        @Override
        public int read() throws IOException {
            var one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 255;
        }

        @Override
        public int read(byte[] b, int off, int len) throws IOException {
            int n = current.read(b, off, len);
            while (n < 0 && advance()) {
                n = current.read(b, off, len);
            }
            return n;
        }

        /** Without a copy from parts that can do so. */
        @Override
        public int read(ByteBuffer into) throws IOException {
            int n = channel.read(into);
            while (n < 0 && advance()) {
                n = channel.read(into);
            }
            return n;
        }

        @Override
        public boolean isOpen() {
            return channel.isOpen();
        }

        /** Each part in its own way. */
        @Override
        public long transferTo(OutputStream out) throws IOException {
            long sent = current.transferTo(out);
            while (advance()) {
                sent += current.transferTo(out);
            }
            return sent;
        }

        private boolean advance() throws IOException {
            if (rest.isEmpty()) {
                return false;
            }
            current.close();
            begin(rest.remove().open());
            return true;
        }

        @Override
        public void close() throws IOException {
            rest.clear();
            current.close();
        }
    }
}
