package dev.narthex.nix;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;

/** Files written by Nix itself; golden/nix/make.sh creates them. */
final class GoldenNixFiles {
    private GoldenNixFiles() {}

    static byte[] bytes(String name) {
        try (var in = GoldenNixFiles.class.getResourceAsStream("/golden/nix/" + name)) {
            return Objects.requireNonNull(in, name).readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String text(String name) {
        return new String(bytes(name), StandardCharsets.UTF_8);
    }

    static List<String> lines(String name) {
        return text(name).lines().toList();
    }
}
