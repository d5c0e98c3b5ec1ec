package dev.narthex.nix;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.nix.NarListing.Entry;
import dev.narthex.problem.ProblemException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NarListingTest {
    @Test
    void listingMatchesNix() throws IOException {
        var listing = listing(GoldenNixFiles.bytes("tree.nar"));
        assertEquals(GoldenNixFiles.text("tree.ls.json"), listing.json());
        assertEquals(
                "{\"root\":" + GoldenNixFiles.text("tree.printed.json").strip() + ",\"version\":1}", listing.json());
        assertEquals(listing, NarListing.parse(GoldenNixFiles.text("tree.ls.json")));
    }

    @Test
    void offsetsPointToContents() throws IOException {
        var archive = GoldenNixFiles.bytes("tree.nar");
        var eight = (Entry.Regular) listing(archive).find("lib/eight").orElseThrow();
        assertEquals("12345678", new String(archive, (int) eight.narOffset(), (int) eight.size(), "US-ASCII"));
    }

    @Test
    void pathsAreFoundWithoutFollowingLinks() throws IOException {
        var listing = listing(GoldenNixFiles.bytes("tree.nar"));
        assertEquals(Optional.of(listing.root()), listing.find(""));
        assertEquals(Optional.of(new Entry.Symlink("hello")), listing.find("bin/hi"));
        assertTrue(listing.find("names/😀").isPresent());
        for (var path :
                List.of("absent", "bin/hi/x", "bin/hello/x", "/bin", "bin//hello", "bin/../bin", ".", "./bin")) {
            assertEquals(Optional.empty(), listing.find(path), path);
        }
    }

    @Test
    void filesAreListedInArchiveOrder() throws IOException {
        var files = listing(GoldenNixFiles.bytes("tree.nar")).files();
        assertEquals(17, files.size());
        var offsets = files.values().stream().map(Entry.Regular::narOffset).toList();
        assertEquals(offsets.stream().sorted().toList(), offsets);
        assertTrue(files.get("bin/hello").executable());
        assertFalse(files.containsKey("bin/hi"));
    }

    @Test
    void invalidUtf8NameSurvivesJson() throws IOException {
        var listing = listing(HandmadeNar.nar(HandmadeNar.directory(
                HandmadeNar.entry("a\u00ff", HandmadeNar.file("x")),
                HandmadeNar.entry("\u00ff\u00fe", HandmadeNar.link("\u00ff")))));
        assertTrue(listing.json().contains("\"\\udcff\\udcfe\""), listing.json());
        assertEquals(listing, NarListing.parse(listing.json()));
        assertEquals(Optional.of(new Entry.Symlink("\uDCFF")), listing.find("\uDCFF\uDCFE"));
    }

    @Test
    void rootMayBeAFileOrALink() throws IOException {
        assertEquals(
                "{\"root\":{\"executable\":true,\"narOffset\":128,\"size\":1,\"type\":\"regular\"},\"version\":1}",
                listing(HandmadeNar.nar(HandmadeNar.executable("x", ""))).json());
        assertEquals(
                "{\"root\":{\"target\":\"/x\",\"type\":\"symlink\"},\"version\":1}",
                listing(HandmadeNar.nar(HandmadeNar.link("/x"))).json());
        assertEquals(
                1,
                listing(HandmadeNar.nar(HandmadeNar.file("x"))).files().get("").size());
    }

    @Test
    void jsonMembersMayBeInAnyOrderWithWhitespace() {
        var entry = new Entry.Regular(false, 3, 5);
        assertEquals(
                new NarListing(entry),
                NarListing.parse(
                        " { \"version\" : 1 , \"x\" : [ 1 , { \"a\" : \"]}\" } , -1.5e+3 , null ] , \"root\" : "
                                + "{\"size\":3,\"type\":\"regular\",\"narOffset\":5,\"executable\":false} } \n"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "{}",
                "{\"version\":1}",
                "{\"root\":{\"target\":\"a\",\"type\":\"symlink\"}}",
                "{\"root\":{\"target\":\"a\",\"type\":\"symlink\"},\"version\":2}",
                "{\"root\":{\"target\":\"a\",\"type\":\"symlink\"},\"version\":1}x",
                "{\"root\":{\"target\":\"a\",\"type\":\"symlink\"},\"version\":1,}",
                "{\"root\":{\"target\":\"a\",\"type\":\"symlink\"},,\"version\":1}",
                "{\"root\":{\"target\":\"a\",\"type\":\"symlink\"} \"version\":1}",
                "{\"root\":{\"target\":\"a\",\"type\":\"fifo\"},\"version\":1}",
                "{\"root\":{\"target\":\"a\",\"type\":\"regular\"},\"version\":1}",
                "{\"root\":{\"target\":\"a\",\"type\":\"directory\"},\"version\":1}",
                "{\"root\":{\"type\":\"symlink\"},\"version\":1}",
                "{\"root\":{\"target\":\"\\ud800\",\"type\":\"symlink\"},\"version\":1}",
                "{\"root\":{\"target\":\"\\x\",\"type\":\"symlink\"},\"version\":1}",
                "{\"root\":{\"narOffset\":-1,\"size\":1,\"type\":\"regular\"},\"version\":1}",
                "{\"root\":{\"narOffset\":1.5,\"size\":1,\"type\":\"regular\"},\"version\":1}",
                "{\"root\":{\"narOffset\":9999999999999999999,\"size\":1,\"type\":\"regular\"},\"version\":1}",
                "{\"root\":{\"entries\":{\"a/b\":{\"target\":\"a\",\"type\":\"symlink\"}},\"type\":\"directory\"},\"version\":1}",
                "{\"root\":{\"entries\":{\"..\":{\"target\":\"a\",\"type\":\"symlink\"}},\"type\":\"directory\"},\"version\":1}",
                "{\"x\":,\"root\":{\"target\":\"a\",\"type\":\"symlink\"},\"version\":1}",
                "{\"x\":],\"root\":{\"target\":\"a\",\"type\":\"symlink\"},\"version\":1}"
            })
    void malformedTextIsRefused(String text) {
        assertThrows(ProblemException.class, () -> NarListing.parse(text));
    }

    @Test
    void excessiveNestingIsRefused() {
        var deep = "{\"entries\":{\"d\":".repeat(100_000);
        assertThrows(ProblemException.class, () -> NarListing.parse("{\"root\":" + deep));
        assertThrows(ProblemException.class, () -> NarListing.parse("{\"x\":" + "[".repeat(1_000_000)));
    }

    @Test
    void truncatedArchiveHasNoListing() {
        assertThrows(ProblemException.class, () -> new NarListing.Builder().build());
    }

    @Test
    void listingOf20000FilesIsBuilt() throws IOException {
        var entries = new byte[20_000][];
        for (int i = 0; i < entries.length; i++) {
            entries[i] = HandmadeNar.entry(String.format("file-%05d.js", i), HandmadeNar.file("x"));
        }
        var archive = HandmadeNar.nar(HandmadeNar.directory(entries));
        long start = System.nanoTime();
        var listing = listing(archive);
        assertEquals(listing, NarListing.parse(listing.json()));
        assertEquals(20_000, listing.files().size());
        assertTrue(System.nanoTime() - start < 5_000_000_000L);
    }

    private static NarListing listing(byte[] archive) throws IOException {
        var builder = new NarListing.Builder();
        NarReader.readWhole(new ByteArrayInputStream(archive), NarLimits.DEFAULT, builder);
        return builder.build();
    }
}
