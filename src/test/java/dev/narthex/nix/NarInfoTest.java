package dev.narthex.nix;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.problem.Problem;
import dev.narthex.problem.ProblemException;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NarInfoTest {
    private static final String PLAIN = GoldenNixFiles.text("plain.narinfo");

    private static final String LEAST = """
            StorePath: /nix/store/wvxyjpdchxphq7b4jx9sj65rfcygscij-c-1.0
            URL: nar/x.nar
            NarHash: sha256:1qrqig4m0bpqv60dhwyj2m363l7irjjif1xp63gxjwzjf4vf80w8
            NarSize: 392
            """;

    @ParameterizedTest
    @ValueSource(strings = {"plain.narinfo", "plain.drv.narinfo", "fixed.narinfo", "tree.narinfo"})
    void narinfosOfNixSurviveARoundTripAndAreSignedAlike(String golden) {
        var text = GoldenNixFiles.text(golden);
        var info = NarInfo.parse(text);
        assertEquals(text, info.text());
        var key = SecretKey.parse(GoldenNixFiles.text("key.secret"));
        assertTrue(key.publicKey().verifies(info.fingerprint(), info.sigs().getFirst()));
        assertEquals(info.sigs(), List.of(key.sign(info.fingerprint())));
    }

    @Test
    void fieldsOfAnOutputAreRead() {
        var info = NarInfo.parse(PLAIN);
        assertEquals("plain-1.0", info.path().name());
        assertEquals("zstd", info.compression());
        assertEquals(207, info.fileSize().orElseThrow());
        assertEquals(280, info.narSize());
        assertEquals(3, info.references().size());
        assertEquals(
                "plain-1.0.drv",
                StorePath.parseBaseName(info.deriver().orElseThrow()).name());
        assertTrue(info.ca().isEmpty());
    }

    @Test
    void absentFieldsHaveNixDefaults() {
        var info = NarInfo.parse(LEAST);
        assertEquals("bzip2", info.compression());
        assertEquals(Optional.empty(), info.fileHash());
        assertEquals(OptionalLong.empty(), info.fileSize());
        assertEquals(List.of(), info.references());
        assertEquals(Optional.empty(), info.deriver());
        assertEquals(
                info, NarInfo.parse(LEAST + "Deriver: unknown-deriver\nReferences: \nSystem: x86_64-linux\nX-a: b\n"));
    }

    @Test
    void orderOfLinesDoesNotMatter() {
        var lines = new java.util.ArrayList<>(PLAIN.lines().toList());
        Collections.reverse(lines);
        assertEquals(PLAIN, NarInfo.parse(String.join("\n", lines) + "\n").text());
    }

    @Test
    void hashesAreReadInAnyEncodingAndWrittenInOne() {
        var info = NarInfo.parse(PLAIN);
        var hash = info.narHash();
        assertEquals(info, NarInfo.parse(PLAIN.replace(hash.toString(), hash.sri())));
        assertEquals(info, NarInfo.parse(PLAIN.replace(hash.toString(), "sha256:" + hash.hex())));
    }

    @Test
    void referencesAreSortedInTheFingerprint() {
        var path = StorePath.parse("/nix/store/wvxyjpdchxphq7b4jx9sj65rfcygscij-c-1.0");
        var hash = NixHash.parse("sha256:1qrqig4m0bpqv60dhwyj2m363l7irjjif1xp63gxjwzjf4vf80w8");
        var references = List.of(path.baseName(), "dxxiy213bj1yachhybbg1lrcv4fws7n1-a-1.0");
        assertEquals(
                "1;/nix/store/wvxyjpdchxphq7b4jx9sj65rfcygscij-c-1.0;"
                        + "sha256:1qrqig4m0bpqv60dhwyj2m363l7irjjif1xp63gxjwzjf4vf80w8;392;"
                        + "/nix/store/dxxiy213bj1yachhybbg1lrcv4fws7n1-a-1.0,"
                        + "/nix/store/wvxyjpdchxphq7b4jx9sj65rfcygscij-c-1.0",
                NarInfo.fingerprint(path, hash, 392, references));
    }

    @Test
    void signaturesCanBeReplaced() {
        var info = NarInfo.parse(PLAIN);
        var both = new java.util.ArrayList<>(info.sigs());
        both.add(SecretKey.generate("orchard-1").sign(info.fingerprint()));
        var text = info.withSigs(both).text();
        assertEquals(2, text.lines().filter(line -> line.startsWith("Sig: ")).count());
        assertEquals(both, NarInfo.parse(text).sigs());
    }

    @ParameterizedTest
    @CsvSource({
        "StorePath, StorePath: /nix/store/nonsense",
        "StorePath, X: y",
        "URL, 'URL: '",
        "URL, X: y",
        "URL, URL nar/x.nar",
        "NarHash, X: y",
        "NarHash, NarHash: sha1:143xibwh31h9bvxzalr0sjvbbvpa6ffs",
        "NarHash, NarHash: nonsense",
        "NarSize, X: y",
        "NarSize, NarSize: 0",
        "NarSize, NarSize: -1",
        "NarSize, NarSize: +1",
        "NarSize, NarSize: 1e3",
        "NarSize, 'NarSize: 392 '",
        "NarSize, NarSize:392",
        "NarSize, NarSize: 99999999999999999999",
        "NarSize, NarSize: ١"
    })
    void invalidLineIsRefused(String key, String line) {
        var text = LEAST.replaceFirst("(?m)^" + key + ": .*$", line);
        assertThrows(ProblemException.class, () -> NarInfo.parse(text));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "References: nonsense\n",
                "References: dxxiy213bj1yachhybbg1lrcv4fws7n1-a-1.0  dxxiy213bj1yachhybbg1lrcv4fws7n1-b-1.0\n",
                "References: \nReferences: \n",
                "References:\n",
                "CA: nonsense\n",
                "CA: text:sha256:0qk46iw3xbamqkrz9sr4wc7ynnr0bz78dk677bxh3920rblpcl2n\n"
                        + "CA: text:sha256:0qk46iw3xbamqkrz9sr4wc7ynnr0bz78dk677bxh3920rblpcl2n\n",
                "NarSize: 392\n",
                "Deriver: nonsense\n",
                "Sig: nonsense\n",
                "FileSize: x\n",
                "FileHash: x\n",
                "Compression: none",
                "\n",
                ": x\n",
                "nonsense\n"
            })
    void invalidAdditionalLineIsRefused(String line) {
        assertThrows(ProblemException.class, () -> NarInfo.parse(LEAST + line));
    }

    @Test
    void carriageReturnsAreRefused() {
        assertThrows(ProblemException.class, () -> NarInfo.parse(LEAST.replace("\n", "\r\n")));
        assertThrows(ProblemException.class, () -> NarInfo.parse(LEAST + "X: y\r\n"));
    }

    @Test
    void sizeAndReferencesAreLimited() {
        var many = new StringBuilder(LEAST).append("References:");
        for (int i = 0; i <= NarInfo.MAX_REFERENCES; i++) {
            many.append(" dxxiy213bj1yachhybbg1lrcv4fws7n1-").append(i);
        }
        var tooMany = assertThrows(
                ProblemException.class, () -> NarInfo.parse(many.append('\n').toString()));
        assertEquals(413, tooMany.problem().status());
        var tooLong = LEAST + "X: " + "y".repeat(NarInfo.MAX_TEXT_LENGTH) + "\n";
        assertTrue(
                assertThrows(ProblemException.class, () -> NarInfo.parse(tooLong))
                                .problem()
                        instanceof Problem.TooLarge);
    }
}
