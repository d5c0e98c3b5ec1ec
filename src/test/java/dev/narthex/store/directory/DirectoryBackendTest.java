package dev.narthex.store.directory;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.narthex.store.StoreContract;
import dev.narthex.store.pack.Backend;
import dev.narthex.store.pack.PackKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DirectoryBackendTest extends StoreContract {
    @TempDir
    Path folder;

    @Override
    protected Backend backend() throws IOException {
        return new DirectoryBackend(folder);
    }

    @Test
    void packPathHasDomainAndLastTwoDigits() throws IOException {
        var key = new PackKey("0badcafe", UUID.fromString("01890a5d-ac96-774b-bcce-b302099a8057"));
        try (var writer = backend().openWriter(key)) {
            writer.write(new byte[] {1, 2}, 0, 2);
            writer.commit();
        }
        var file = folder.resolve("packs/0badcafe/57/01890a5d-ac96-774b-bcce-b302099a8057");
        assertEquals(2, Files.size(file));
        assertEquals(file, backend().file(key).orElseThrow());
    }
}
