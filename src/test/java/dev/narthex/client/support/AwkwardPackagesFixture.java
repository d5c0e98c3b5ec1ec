package dev.narthex.client.support;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.narthex.ecosystem.support.ArchiveFixture;
import dev.narthex.nix.NarWriter;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import javax.imageio.ImageIO;

/**
 * Two public caches in the shared server with cases that the test store lacks: images, rendered documents, very long names and
 * words, and an empty cache.
 */
public final class AwkwardPackagesFixture {
    public static final String CACHE = "gallery";
    public static final String EMPTY = "bare";
    public static final String TREE = SmallNar.path("gallery-1.0");
    public static final String LONG_NAME =
            "@a-scope-that-needs-room/a-package-whose-name-is-longer-than-most-columns-are-wide";

    private static final String LONG_VERSION = "10.200.3000-alpha.beta.gamma.20261129.build.5";
    private static boolean open;

    private AwkwardPackagesFixture() {}

    public static synchronized void open(SharedServer shared) throws Exception {
        if (open) {
            return;
        }
        cache(shared, CACHE, "Pictures, documents and long names, a cache for eyes.");
        cache(shared, EMPTY, "");
        var push = new NixPushClient(shared.server, CACHE);
        push.publish(tree(), TREE);
        push.publish(SmallNar.flat(tarball()), SmallNar.path("a-package-" + LONG_VERSION + ".tgz"));
        for (var page : new String[] {"/nix/gallery@1.0", "/npm/" + LONG_NAME + "@" + LONG_VERSION}) {
            Poll.until(
                    page + " is there",
                    () -> shared.server
                                    .http
                                    .send(
                                            shared.server
                                                    .request("/api/" + CACHE + page)
                                                    .build(),
                                            BodyHandlers.discarding())
                                    .statusCode()
                            == 200);
        }
        open = true;
    }

    private static void cache(SharedServer shared, String name, String summary)
            throws IOException, InterruptedException {
        var body = "{\"name\":\"" + name + "\",\"public\":true,\"summary\":\"" + summary + "\"}";
        var made = shared.server.http.send(
                shared.server
                        .authorized("/_api/v1/caches")
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofString(body))
                        .build(),
                BodyHandlers.ofString());
        assertEquals(201, made.statusCode(), made.body());
    }

    private static SmallNar tree() throws IOException {
        var out = new ByteArrayOutputStream();
        try (var nar = new NarWriter(out)) {
            nar.start();
            nar.directory(new byte[0]);
            file(nar, "README.md", bytes("# Gallery\n\nSee the [guide](docs/guide.md).\n"));
            file(nar, "code.js", bytes("// one of each\nconst answer = 42;\nexport default `is ${answer}`;\n"));
            file(nar, "data.bin", new byte[] {0x7f, 'E', 'L', 'F', 2, 1, 1, 0});
            nar.directory(bytes("docs"));
            file(nar, "guide.md", bytes(guide()));
            nar.endDirectory();
            file(nar, "drawing.svg", bytes("""
                    <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" width="240" height="240"><circle cx="12" cy="12" r="9"/></svg>
                    """));
            nar.directory(bytes("empty"));
            nar.endDirectory();
            nar.symlink(bytes("link"), bytes("docs/guide.md"));
            file(nar, "long-" + "name".repeat(40) + ".txt", bytes("word ".repeat(400) + "\n" + "x".repeat(2000)));
            nar.directory(bytes("pictures"));
            file(nar, "dot.png", picture());
            nar.endDirectory();
            nar.endDirectory();
        }
        return new SmallNar(out.toByteArray());
    }

    /** With the image below the first view. */
    private static String guide() {
        return """
                # Guide

                A table, code, and a list.

                | a column | another |
                |---|---|
                | `wide-%s` | 1 |

                ```js
                import gallery from 'gallery';
                ```

                %s
                ![A square](../pictures/dot.png)
                """.formatted("x".repeat(120), "1. One thing after the other.\n\n".repeat(60));
    }

    private static byte[] tarball() throws IOException {
        Map<String, String> files = new LinkedHashMap<>();
        files.put("package/package.json", """
                {"name":"%s","version":"%s","description":"%s","license":"%s","keywords":[%s"end"],
                 "homepage":"https://example.org/%s","dependencies":{"%s":">=1.0.0-alpha.%s <2.0.0"},
                 "scripts":{"postinstall":"node %s.js"}}
                """.formatted(
                        LONG_NAME,
                        LONG_VERSION,
                        "Words".repeat(80),
                        "(MIT OR Apache-2.0 OR BSD-3-Clause OR ISC OR Unlicense OR CC0-1.0)",
                        "\"a keyword\",".repeat(30),
                        "path/".repeat(40),
                        "needs-" + "n".repeat(150),
                        "1".repeat(80),
                        "x".repeat(300)));
        files.put("package/README.md", "# " + "Heading".repeat(30) + "\n\n`" + "code".repeat(100) + "`\n");
        return ArchiveFixture.tgz(files);
    }

    private static byte[] picture() throws IOException {
        var out = new ByteArrayOutputStream();
        var image = new BufferedImage(600, 400, BufferedImage.TYPE_INT_RGB);
        for (int x = 0; x < image.getWidth(); x++) {
            for (int y = 0; y < image.getHeight(); y++) {
                image.setRGB(x, y, (x / 3) << 16 | (y / 2) << 8 | 0x80);
            }
        }
        ImageIO.write(image, "png", out);
        return out.toByteArray();
    }

    private static void file(NarWriter nar, String name, byte[] content) throws IOException {
        nar.regular(bytes(name), false, content.length, new ByteArrayInputStream(content));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
