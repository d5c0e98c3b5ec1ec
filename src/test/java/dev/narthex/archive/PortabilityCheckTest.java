package dev.narthex.archive;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.ecosystem.support.NarCandidate;
import dev.narthex.spi.NotOfferedException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PortabilityCheckTest {
    private static final Set<String> HASHES = Set.of(NarCandidate.HASH);
    private static final String STORE = "/nix/store/" + NarCandidate.HASH + "-glibc-2.40";

    @ParameterizedTest
    @ValueSource(
            strings = {
                STORE,
                "require('" + STORE + "/x')",
                "/nix/" + STORE,
                "/nix/store" + STORE,
                "/nix/store/" + STORE,
                "/nix/store/" + NarCandidate.HASH + STORE,
                "//" + STORE,
                "a\0" + STORE + ":\0"
            })
    void storePathIsFoundAnywhereInText(String text) {
        for (int chunk = 1; chunk < 60; chunk++) {
            int size = chunk;
            var refused = assertThrows(
                    NotOfferedException.class, () -> read(text.getBytes(StandardCharsets.UTF_8), size), text);
            assertEquals("x.js names a path in /nix/store, which other machines do not have", refused.reason());
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/nix/store",
                "/nix/store/",
                "/nix/store/short-name",
                "/nix/store/eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee-nuked",
                "/nix/store/0" + NarCandidate.HASH,
                "/nix/store/171lwvxvsp63kvphgim1g8n7ac7inydm-named-only",
                "/nix/var/" + NarCandidate.HASH + "-x",
                ""
            })
    void textThatOnlyResemblesAStorePathPasses(String text) throws IOException {
        var bytes = text.getBytes(StandardCharsets.UTF_8);
        assertArrayEquals(bytes, read(bytes, 7));
    }

    @Test
    void nativeCodeIsRecognizedByItsMagicNumber() throws IOException {
        byte[] elf = {0x7f, 'E', 'L', 'F', 2};
        assertTrue(assertThrows(NotOfferedException.class, () -> read(elf, 1))
                .reason()
                .contains("native code"));
        byte[] later = {0, 0x7f, 'E', 'L', 'F'};
        assertArrayEquals(later, read(later, 1));
    }

    @Test
    void unexpectedFileSizeIsAnError() {
        assertThrows(
                EOFException.class,
                () -> new PortabilityCheck(new ByteArrayInputStream(new byte[3]), "x", 4, HASHES).readAllBytes());
        assertThrows(
                EOFException.class,
                () -> new PortabilityCheck(new ByteArrayInputStream(new byte[5]), "x", 4, HASHES).readAllBytes());
    }

    @ParameterizedTest
    @CsvSource({
        "-nodejs-20.1/bin/node,              #!/usr/bin/env node",
        "-bash-5.2p37/bin/bash -e,           #!/usr/bin/env -S bash -e",
        "-bash-5.2p37/bin/sh,                #!/bin/sh",
        "-python3-3.13.1/bin/python3.13,     #!/usr/bin/env python3.13"
    })
    void patchedShebangIsReverted(String interpreter, String expected) throws IOException {
        var text = "#! /nix/store/" + NarCandidate.HASH + interpreter + "\nrest\n";
        var shebang = ShebangRewriter.of(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)))
                .orElseThrow();
        var bytes = shebang.apply(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)))
                .readAllBytes();
        assertEquals(expected + "\nrest\n", new String(bytes, StandardCharsets.UTF_8));
        assertEquals(bytes.length, shebang.size(text.length()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "#!/usr/bin/env node\n", "/nix/store/x", "#!/nix/store/short/bin/node\n"})
    void otherFirstLinesAreKept(String text) throws IOException {
        assertEquals(
                Optional.empty(), ShebangRewriter.of(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8))));
    }

    private static byte[] read(byte[] bytes, int chunk) throws IOException {
        var in = new PortabilityCheck(new ByteArrayInputStream(bytes), "x.js", bytes.length, HASHES);
        var out = new ByteArrayOutputStream();
        var buffer = new byte[chunk];
        for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
            out.write(buffer, 0, n);
        }
        return out.toByteArray();
    }
}
