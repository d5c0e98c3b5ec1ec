package dev.narthex.store.pack;

import dev.narthex.http.Content;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import java.util.Optional;

/** The bytes of a whole pack. */
public record PackContent(Backend backend, PackKey key, long length) implements Content {
    @Override
    public InputStream open(long from, long count) throws IOException {
        Objects.checkFromIndexSize(from, count, length);
        return backend.open(key, from, count);
    }

    @Override
    public Optional<FileRegion> file() {
        return backend.file(key).map(path -> new FileRegion(path, 0));
    }
}
