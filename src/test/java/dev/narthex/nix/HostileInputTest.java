package dev.narthex.nix;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.problem.ProblemException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Damaged files of every format are either read and written back unchanged, or refused with a problem. */
class HostileInputTest {
    private static final int ROUNDS = 5_000;

    @Test
    void archives() throws IOException {
        var limits = new NarLimits(1L << 40, 10_000, 63, 255, 4095);
        int accepted = 0;
        for (var archive : List.of(GoldenNixFiles.bytes("tree.nar"), HandmadeNar.nar(HandmadeNar.deep(20)))) {
            var random = new Random(21);
            for (int i = 0; i < ROUNDS; i++) {
                var damaged = damaged(archive, random);
                try {
                    assertArrayEquals(damaged, NarCopy.of(new ByteArrayInputStream(damaged), limits));
                    accepted++;
                } catch (ProblemException refused) {
                    assertTrue(refused.problem().status() < 500);
                }
            }
        }
        assertTrue(accepted > ROUNDS / 100, "damage within contents and names goes unnoticed: " + accepted);
    }

    @Test
    void narinfos() {
        check("plain.narinfo", text -> {
            var info = NarInfo.parse(text);
            assertEquals(info, NarInfo.parse(info.text()));
            info.fingerprint();
            info.ca().ifPresent(ca -> ca.matches(info.path(), info.references()));
        });
        check("plain.drv.narinfo", text -> {
            var info = NarInfo.parse(text);
            assertEquals(info, NarInfo.parse(info.text()));
            info.ca().ifPresent(ca -> ca.matches(info.path(), info.references()));
        });
    }

    @Test
    void derivations() {
        for (var golden : List.of("plain.drv", "structured.drv", "fixed.drv")) {
            check(golden, text -> {
                var drv = Derivation.parse(text.getBytes(StandardCharsets.ISO_8859_1));
                assertEquals(drv, Derivation.parse(drv.text()));
                drv.name();
                drv.attribute("npmMeta");
            });
        }
    }

    @Test
    void listings() {
        check("tree.ls.json", text -> {
            var listing = NarListing.parse(text);
            assertEquals(listing, NarListing.parse(listing.json()));
            listing.files()
                    .forEach((path, file) ->
                            assertEquals(file, listing.find(path).orElseThrow()));
        });
    }

    @Test
    void keysHashesAndPaths() {
        check("key.secret", SecretKey::parse);
        check(
                "key.public",
                text -> PublicKey.parse(text.strip())
                        .verifies("x", SecretKey.generate("golden-1").sign("x")));
        check("plain.drv.path", text -> assertEquals(text, StorePath.parse(text).toString()));
        check(
                "versions.txt",
                text -> DrvName.compareVersions(text, DrvName.parse(text).version()));
    }

    private static void check(String golden, java.util.function.Consumer<String> reader) {
        var random = new Random(golden.hashCode());
        for (int i = 0; i < ROUNDS; i++) {
            var text = new String(damaged(GoldenNixFiles.bytes(golden), random), StandardCharsets.ISO_8859_1);
            try {
                reader.accept(text);
            } catch (ProblemException refused) {
                assertTrue(refused.problem().status() < 500);
            }
        }
    }

    /** Returns a copy with changed bytes, with a repeated, removed or moved part, or truncated. */
    private static byte[] damaged(byte[] bytes, Random random) {
        int from = random.nextInt(bytes.length);
        int to = from + random.nextInt(Math.min(64, bytes.length - from));
        var piece = Arrays.copyOfRange(bytes, from, to);
        var before = Arrays.copyOf(bytes, from);
        var after = Arrays.copyOfRange(bytes, to, bytes.length);
        return switch (random.nextInt(6)) {
            case 0 -> before;
            case 1 -> HandmadeNar.join(before, after);
            case 2 -> HandmadeNar.join(before, piece, piece, after);
            case 3 -> HandmadeNar.join(before, after, piece);
            case 4 -> {
                random.nextBytes(piece);
                yield HandmadeNar.join(before, piece, after);
            }
            default -> {
                var changed = bytes.clone();
                for (int i = random.nextInt(3); i >= 0; i--) {
                    changed[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
                }
                yield changed;
            }
        };
    }
}
