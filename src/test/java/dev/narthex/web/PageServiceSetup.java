package dev.narthex.web;

import static io.restassured.RestAssured.given;

import dev.narthex.catalog.cache.CacheCatalog;
import dev.narthex.catalog.change.ChangeLog;
import dev.narthex.nix.NarWriter;
import dev.narthex.nix.StorePath;
import dev.narthex.publish.recognize.ReleaseRecognition;
import dev.narthex.search.PackageSearchIndex;
import dev.narthex.search.support.IndexWaiter;
import dev.narthex.store.DedupDomains;
import dev.narthex.web.support.PortalFixture;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.restassured.response.ValidatableResponse;
import io.restassured.specification.RequestSpecification;
import jakarta.inject.Inject;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;

/** Caches with packages of several ecosystems, and requests to their pages as HTML and JSON. */
abstract class PageServiceSetup {
    static final String CACHE = "gallery";
    static final String VAULT = "gallery-vault";
    static final String SCRIPT = "<script>alert(1)</script>";
    static final StorePath RECIPE = PortalFixture.path("lantern-3.2.1.drv");
    static final StorePath LIBRARY = PortalFixture.path("glow-1.0");
    static final StorePath LANTERN = PortalFixture.path("lantern-3.2.1");
    static final StorePath SECRET = PortalFixture.path("secret-1.0");
    static final StorePath TARBALL = PortalFixture.path("wick-2.0.0.tgz");

    static boolean filled;

    @Inject
    ChangeLog changes;

    @Inject
    PackageSearchIndex index;

    @Inject
    CacheCatalog caches;

    @Inject
    DedupDomains domains;

    @Inject
    ReleaseRecognition recognition;

    @BeforeEach
    void fill() {
        if (!filled) {
            filled = true;
            shelve();
        }
        IndexWaiter.await(index, changes);
    }

    void shelve() {
        QuarkusTransaction.requiringNew().run(() -> {
            caches.create(CACHE, "Pictures " + SCRIPT, true, domains.create());
            caches.create(VAULT, "", false, domains.create());
        });
        var shelf = new PortalFixture(CACHE, recognition);
        new PortalFixture(VAULT, recognition)
                .put(SECRET, PortalFixture.file("hidden".getBytes(StandardCharsets.UTF_8)), Optional.empty());
        shelf.put(LIBRARY, PortalFixture.file("light".getBytes(StandardCharsets.UTF_8)), Optional.empty());
        shelf.put(RECIPE, PortalFixture.file(recipe().getBytes(StandardCharsets.UTF_8)), Optional.empty(), LIBRARY);
        shelf.put(LANTERN, PageServiceTest::tree, Optional.of(RECIPE.baseName()), LIBRARY, LANTERN);
        shelf.log(RECIPE, "Running phase: buildPhase\n\u001b[31mred" + SCRIPT + "\u001b[0m\n");
        shelf.put(
                TARBALL,
                PortalFixture.file(PortalFixture.tarball(
                        "package.json",
                        "{\"name\":\"wick\",\"version\":\"2.0.0\",\"description\":\"" + SCRIPT
                                + "\",\"license\":\"MIT\","
                                + "\"homepage\":\"javascript:alert(1)\",\"dependencies\":{\"tallow\":\"^1.0.0\"}}",
                        "README.md",
                        "# Wick\n\n[notes](notes.md) " + SCRIPT,
                        "notes.md",
                        "burns " + SCRIPT)),
                Optional.empty());
        npm(shelf, "tub", "1.0.0", "");
        npm(shelf, "tub", "2.0.0-rc.1", "");
        npm(shelf, "oar", "1.0.0", "\"dependencies\":{\"rope\":\"^1.0.0\"}");
        npm(shelf, "rope", "1.0.0", "");
        npm(shelf, "rope", "1.1.0", "\"peerDependencies\":{\"knot\":\"*\"}");
        npm(shelf, "rope", "2.0.0", "");
        npm(shelf, "grip", "1.0.0", "");
        npm(
                shelf,
                "skiff",
                "1.0.0",
                "\"dependencies\":{\"oar\":\"1.x\",\"rope\":\"^1\"},\"optionalDependencies\":{\"grip\":\"*\"},"
                        + "\"peerDependencies\":{\"sea\":\"*\"},\"devDependencies\":{\"rope\":\"^3\"},"
                        + "\"scripts\":{\"postinstall\":\"echo '" + SCRIPT + "'\",\"test\":\"node test\"}");
        shelf.put(
                PortalFixture.path("candle_stick-1.0-py3-none-any.whl"),
                PortalFixture.file(PortalFixture.wheel(
                        "candle_stick-1.0.dist-info",
                        "candle_stick/__init__.py",
                        "lit = True\n",
                        "candle_stick-1.0.dist-info/METADATA",
                        "Metadata-Version: 2.1\nName: Candle_Stick\nVersion: 1.0\n",
                        "candle_stick-1.0.dist-info/WHEEL",
                        "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")),
                Optional.empty());
    }

    static void npm(PortalFixture shelf, String name, String version, String more) {
        var json =
                "{\"name\":\"" + name + "\",\"version\":\"" + version + "\"" + (more.isEmpty() ? "" : "," + more) + "}";
        shelf.put(
                PortalFixture.path(name + "-" + version + ".tgz"),
                PortalFixture.file(PortalFixture.tarball("package.json", json, "index.js", "x".repeat(1000))),
                Optional.empty());
    }

    static void tree(NarWriter nar) throws IOException {
        nar.directory(new byte[0]);
        PortalFixture.file(nar, "README", "plain " + SCRIPT + "\nsecond line\n");
        nar.symlink(bytes("away"), bytes("/etc/passwd"));
        nar.directory(bytes("bin"));
        nar.symlink(bytes("lit"), bytes("../README"));
        nar.symlink(bytes("out"), bytes("../../../etc/passwd"));
        nar.endDirectory();
        nar.directory(bytes("deep"));
        nar.directory(bytes("deeper"));
        PortalFixture.file(
                nar, "guide.md", "# Guide\n[up](../../README) [top](/page.html) [out](../../../secret) " + SCRIPT);
        PortalFixture.file(nar, "odd name?#.txt", "found");
        nar.endDirectory();
        nar.endDirectory();
        PortalFixture.file(nar, "page.html", "<html>" + SCRIPT);
        PortalFixture.file(nar, "picture.svg", "<svg xmlns='http://www.w3.org/2000/svg'>" + SCRIPT + "</svg>");
        nar.regular(new byte[] {'z', (byte) 0xff}, false, 2, new ByteArrayInputStream(new byte[] {0, 1}));
        nar.endDirectory();
    }

    static String recipe() {
        return "Derive([(\"out\",\"" + LANTERN + "\",\"\",\"\")],[],[\"" + LIBRARY
                + "\"],\"x86_64-linux\",\"/bin/sh\",[]," + "[(\"name\",\"lantern-3.2.1\"),(\"note\",\"" + SCRIPT
                + "\"),(\"urls\",\"https://example.org/lantern.tgz\")])";
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static RequestSpecification browser() {
        return given().redirects().follow(false).urlEncodingEnabled(false).header("Accept", "text/html,*/*;q=0.8");
    }

    static ValidatableResponse page(String path) {
        return browser().get(path).then();
    }
}
