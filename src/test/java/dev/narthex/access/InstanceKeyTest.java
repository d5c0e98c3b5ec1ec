package dev.narthex.access;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import java.util.Collections;
import java.util.HashSet;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Sources of the instance key, and invalid keys. */
class InstanceKeyTest {
    private static final byte[] SECRET = "a secret".getBytes(StandardCharsets.UTF_8);

    @TempDir
    Path data;

    private InstanceKey fromFile() throws IOException {
        return new InstanceKey(Optional.empty(), data);
    }

    @Test
    void keyFileIsCreatedOnceAndReadableByItsOwnerOnly() throws IOException {
        var folder = data.resolve("not/yet/there");
        var wrapped = new InstanceKey(Optional.empty(), folder).wrap(SECRET);
        assertArrayEquals(SECRET, new InstanceKey(Optional.empty(), folder).unwrap(wrapped));
        assertEquals(
                "rw-------",
                PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("instance.key"))));
        try (var files = Files.list(folder)) {
            assertEquals(1, files.count());
        }
    }

    @Test
    void concurrentStartsCreateOneKey() throws Exception {
        try (var threads = Executors.newFixedThreadPool(16)) {
            Callable<String> start =
                    () -> Base64.getEncoder().encodeToString(fromFile().derive("any"));
            var keys = new HashSet<String>();
            for (var one : threads.invokeAll(Collections.nCopies(64, start))) {
                keys.add(one.get());
            }
            assertEquals(1, keys.size());
        }
    }

    @Test
    void environmentOverridesTheFile() throws IOException {
        var ofFile = fromFile();
        var given = Base64.getEncoder().encodeToString(new byte[32]);
        var ofEnvironment = new InstanceKey(Optional.of(given + "\n"), data);
        assertFalse(java.util.Arrays.equals(ofFile.derive("x"), ofEnvironment.derive("x")));
        assertArrayEquals(ofEnvironment.derive("x"), new InstanceKey(Optional.of(given), data).derive("x"));
        assertThrows(IllegalStateException.class, () -> ofEnvironment.unwrap(ofFile.wrap(SECRET)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "c2hvcnQ=", "not base64 at all!", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=="})
    void invalidKeyIsReportedWithoutItsText(String text) throws IOException {
        var given = assertThrows(IllegalStateException.class, () -> new InstanceKey(Optional.of(text), data));
        assertTrue(given.getMessage().contains("base64 of 32 bytes"), given.getMessage());
        Files.writeString(data.resolve("instance.key"), text);
        var found = assertThrows(IllegalStateException.class, this::fromFile);
        assertEquals(given.getMessage(), found.getMessage());
        assertTrue(text.isEmpty() || !found.getMessage().contains(text), found.getMessage());
    }

    @Test
    void modifiedSecretIsNotUnwrapped() throws IOException {
        var key = fromFile();
        for (int i = 0; i < key.wrap(SECRET).length; i++) {
            var wrapped = key.wrap(SECRET);
            wrapped[i] ^= 1;
            assertThrows(IllegalStateException.class, () -> key.unwrap(wrapped));
        }
    }
}
