package dev.narthex.web.diff;

import static io.restassured.RestAssured.given;

import dev.narthex.catalog.cache.CacheCatalog;
import dev.narthex.nix.NarWriter;
import dev.narthex.nix.StorePath;
import dev.narthex.publish.recognize.ReleaseRecognition;
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

/** Caches with releases to compare, and requests to their diff pages. */
abstract class DiffPagesSetup {
    static final String CACHE = "lookout";
    static final String OTHER = "lookout-other";
    static final String VAULT = "lookout-vault";
    static final String SCRIPT = "<script>alert(1)</script>";
    static final int LARGE = 5 << 20;

    static final StorePath GLIBC = PortalFixture.path("glibc-2.40");
    static final StorePath OLD_SSL = PortalFixture.path("openssl-3.4.2");
    static final StorePath NEW_SSL = PortalFixture.path("openssl-3.4.3");
    static final StorePath NEW_SSL_DEV = PortalFixture.path("openssl-3.4.3-dev");
    static final StorePath OLD = PortalFixture.path("beacon-1.0");
    static final StorePath NEW = PortalFixture.path("beacon-1.1");
    static final StorePath SECRET = PortalFixture.path("secret-1.0");

    static boolean filled;

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
    }

    void shelve() {
        QuarkusTransaction.requiringNew().run(() -> {
            caches.create(CACHE, "", true, domains.create());
            caches.create(OTHER, "", true, domains.create());
            caches.create(VAULT, "", false, domains.create());
        });
        var shelf = new PortalFixture(CACHE, recognition);
        shelf.put(GLIBC, file("c"), Optional.empty());
        shelf.put(OLD_SSL, file("ssl"), Optional.empty(), GLIBC);
        shelf.put(NEW_SSL, file("ssl".repeat(1000)), Optional.empty(), GLIBC);
        shelf.put(NEW_SSL_DEV, file("headers"), Optional.empty(), NEW_SSL);
        shelf.put(OLD, nar -> tree(nar, false), Optional.empty(), OLD, OLD_SSL);
        shelf.put(NEW, nar -> tree(nar, true), Optional.empty(), NEW, NEW_SSL, NEW_SSL_DEV);
        npm(shelf, "1.0.0", "MIT", "\"rope\":\"^1.0.0\",\"knot\":\"*\",\"oar\":\"2\"");
        npm(shelf, "1.1.0", "ISC", "\"rope\":\"^2.0.0\",\"oar\":\"2\",\"sail\":\"~3\"");
        wheel(shelf, "1.0");
        wheel(shelf, "1.1");
        new PortalFixture(OTHER, recognition).put(OLD_SSL, file("tampered"), Optional.empty());
        var vault = new PortalFixture(VAULT, recognition);
        vault.put(SECRET, file("hidden"), Optional.empty());
        vault.put(OLD_SSL, file("ssl"), Optional.empty());
    }

    static PortalFixture.Content file(String text) {
        return PortalFixture.file(bytes(text));
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** Every way in which a file can differ, in the order of names. */
    static void tree(NarWriter nar, boolean fresh) throws IOException {
        var path = fresh ? NEW : OLD;
        nar.directory(new byte[0]);
        if (fresh) {
            PortalFixture.file(nar, "added.txt", "new");
        }
        put(nar, "binary", false, new byte[] {0, (byte) (fresh ? 1 : 2)});
        put(nar, "large", false, large(fresh ? 1 : 0));
        nar.symlink(bytes("link"), bytes(fresh ? "there" : "here"));
        put(nar, "mode", fresh, bytes("run\n"));
        PortalFixture.file(nar, "refers", "in " + path.hash() + " only\n");
        if (!fresh) {
            PortalFixture.file(nar, "removed.txt", "old");
        }
        PortalFixture.file(nar, "same.txt", "same");
        nar.directory(bytes("share"));
        nar.directory(bytes(path.name()));
        PortalFixture.file(nar, "README", "Beacon\n" + (fresh ? "<b>lit</b>" : "dark") + "\n" + SCRIPT + "\n");
        nar.endDirectory();
        nar.endDirectory();
        nar.symlink(bytes("ssl"), bytes((fresh ? NEW_SSL.hash() : OLD_SSL.hash()) + "-openssl"));
        nar.endDirectory();
    }

    static void put(NarWriter nar, String name, boolean executable, byte[] bytes) throws IOException {
        nar.regular(bytes(name), executable, bytes.length, new ByteArrayInputStream(bytes));
    }

    /** Only the end differs. */
    static byte[] large(int end) {
        var bytes = new byte[LARGE];
        bytes[LARGE - 1] = (byte) end;
        return bytes;
    }

    static void npm(PortalFixture shelf, String version, String licence, String dependencies) {
        var json = "{\n\"name\":\"skerry\",\n\"version\":\"" + version + "\",\n\"license\":\"" + licence
                + "\",\n\"dependencies\":{" + dependencies + "}\n}\n";
        shelf.put(
                PortalFixture.path("skerry-" + version + ".tgz"),
                PortalFixture.file(PortalFixture.tarball("package.json", json, "index.js", "lit();\n")),
                Optional.empty());
    }

    static void wheel(PortalFixture shelf, String version) {
        var info = "buoy-" + version + ".dist-info";
        shelf.put(
                PortalFixture.path("buoy-" + version + "-py3-none-any.whl"),
                PortalFixture.file(PortalFixture.wheel(
                        info,
                        "buoy/__init__.py",
                        "floats = True\n",
                        info + "/METADATA",
                        "Metadata-Version: 2.1\nName: buoy\nVersion: " + version + "\n",
                        info + "/WHEEL",
                        "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")),
                Optional.empty());
    }

    static RequestSpecification browser() {
        return given().redirects().follow(false).urlEncodingEnabled(false).header("Accept", "text/html,*/*;q=0.8");
    }

    static ValidatableResponse page(String path) {
        return browser().get(filled(path)).then();
    }

    static ValidatableResponse twin(String path) {
        return given().redirects()
                .follow(false)
                .urlEncodingEnabled(false)
                .get(filled("/api" + path))
                .then();
    }

    static String filled(String path) {
        return path.replace("OLD", OLD.hash())
                .replace("NEW", NEW.hash())
                .replace("SSL", OLD_SSL.hash())
                .replace("SECRET", SECRET.hash());
    }
}
