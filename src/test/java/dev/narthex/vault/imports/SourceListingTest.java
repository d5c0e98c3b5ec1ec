package dev.narthex.vault.imports;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SourceListingTest {
    private static final String A = "0c" + "a".repeat(30);
    private static final String B = "1z" + "b".repeat(30);

    @Test
    void nginxFoldersAreListed() throws IOException {
        assertEquals(Set.of(A, B), hashes("""
                <html><head><title>Index of /</title></head><body><h1>Index of /</h1><hr><pre><a href="../">../</a>
                <a href="nar/">nar/</a>                                               25-Nov-2026 10:00                   -
                <a href="%s.narinfo">%s.narinfo</a>       25-Nov-2026 10:00                 512
                <a href="%s.narinfo">%s.narinfo</a>       25-Nov-2026 10:00                 512
                <a href="x%s.narinfo">no</a><a href="%s.ls">no</a></pre><hr></body></html>
                """.formatted(A, A, B, B, "c".repeat(32), "d".repeat(32))));
        assertEquals(Set.of(A), hashes("[{ \"name\":\"" + A + ".narinfo\", \"type\":\"file\", \"size\":512 }]"));
    }

    @Test
    void s3BucketsAreListedInPages() throws IOException {
        var page = """
                <?xml version="1.0" encoding="UTF-8"?>
                <ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>b</Name><KeyCount>1</KeyCount>
                <MaxKeys>1000</MaxKeys><IsTruncated>true</IsTruncated><Contents><Key>%s.narinfo</Key><Size>512</Size></Contents>
                <NextContinuationToken>1ueGcxLPRx1Tr/XYExHnhbYLgveDs2J/wm36Hy4vbOwM=&amp;+</NextContinuationToken></ListBucketResult>
                """.formatted(A);
        assertEquals(
                Optional.of("1ueGcxLPRx1Tr/XYExHnhbYLgveDs2J/wm36Hy4vbOwM=&+"),
                SourceListing.scan(stream(page), found -> {}));
        assertEquals(Optional.empty(), SourceListing.scan(stream("<html>"), found -> {}));
    }

    @Test
    void linesAcrossBlocksAreComplete() throws IOException {
        for (int before = 256 * 1024 - 45; before < 256 * 1024 + 5; before++) {
            assertEquals(Set.of(A), hashes(" ".repeat(before) + A + ".narinfo " + " ".repeat(300_000)));
        }
    }

    private static Set<String> hashes(String text) throws IOException {
        List<String> found = new ArrayList<>();
        SourceListing.scan(stream(text), found::addAll);
        return new LinkedHashSet<>(found);
    }

    private static ByteArrayInputStream stream(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
    }
}
