package dev.narthex.web.feed;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.startsWith;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.narthex.access.support.AccessFixture;
import dev.narthex.catalog.change.ChangeLog;
import dev.narthex.nix.StorePath;
import dev.narthex.publish.recognize.ReleaseRecognition;
import dev.narthex.search.PackageSearchIndex;
import dev.narthex.search.support.IndexWaiter;
import dev.narthex.spi.Cache;
import dev.narthex.web.support.PortalFixture;
import dev.narthex.web.support.XmlDocument;
import io.quarkus.test.common.http.TestHTTPResource;
import io.restassured.specification.RequestSpecification;
import jakarta.inject.Inject;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.BeforeEach;

/** Caches with packages, and requests to the pages that programs read. */
abstract class MachineReadablePagesSetup {
    static final String OPEN = "pier";
    static final String SECOND = "pier-second";
    static final String SEALED = "pier-sealed";
    static final String EVIL = "</script><script>alert(1)</script>]]>&\u001b[31m\uffff\u2028";
    static final StorePath ONLY_THERE = PortalFixture.path("anchor-1.0");
    static final StorePath HIDDEN = PortalFixture.path("pearl-1.0");

    static boolean filled;

    @TestHTTPResource(value = "/openapi", management = true)
    URI openApi;

    @Inject
    AccessFixture people;

    @Inject
    ReleaseRecognition recognition;

    @Inject
    ChangeLog changes;

    @Inject
    PackageSearchIndex index;

    @Inject
    @ConfigProperty(name = "narthex.url")
    String baseUrl;

    Cache sealed;

    @BeforeEach
    void fill() {
        people.cache(OPEN, true);
        people.cache(SECOND, true);
        sealed = people.cache(SEALED, false);
        if (!filled) {
            filled = true;
            npm(OPEN, "buoy", "1.0.0", "floats");
            npm(OPEN, "buoy", "1.1.0", "floats better");
            npm(OPEN, "buoy", "2.0.0-rc.1", "floats soon");
            npm(OPEN, "@dock/crane", "1.0.0", EVIL);
            npm(SEALED, "pearl", "1.0.0", "shines");
            new PortalFixture(OPEN, recognition)
                    .put(
                            PortalFixture.path("Tide_Table-1.0-py3-none-any.whl"),
                            PortalFixture.file(PortalFixture.wheel(
                                    "Tide_Table-1.0.dist-info",
                                    "tide_table/__init__.py",
                                    "",
                                    "Tide_Table-1.0.dist-info/METADATA",
                                    "Metadata-Version: 2.1\nName: Tide_Table\nVersion: 1.0\n",
                                    "Tide_Table-1.0.dist-info/WHEEL",
                                    "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")),
                            Optional.empty());
            put(SECOND, ONLY_THERE);
            put(SEALED, HIDDEN);
        }
        IndexWaiter.await(index, changes);
    }

    void put(String cache, StorePath path) {
        new PortalFixture(cache, recognition)
                .put(path, PortalFixture.file(path.name().getBytes(StandardCharsets.UTF_8)), Optional.empty());
    }

    void npm(String cache, String name, String version, String says) {
        var file = name.replaceAll("[@/]", "") + "-" + version + ".tgz";
        var json = new ObjectMapper()
                .createObjectNode()
                .put("name", name)
                .put("version", version)
                .put("description", says)
                .put("license", "MIT");
        new PortalFixture(cache, recognition)
                .put(
                        PortalFixture.path(cache + "-" + file),
                        PortalFixture.file(PortalFixture.tarball("package.json", json.toString())),
                        Optional.empty());
    }

    static RequestSpecification asked() {
        return given().redirects().follow(false).urlEncodingEnabled(false);
    }

    static RequestSpecification with(String token) {
        return asked().header("Authorization", "Bearer " + token);
    }

    static XmlDocument feed(String page) {
        return XmlDocument.of(asked().get("/feed" + page)
                .then()
                .statusCode(200)
                .contentType("application/atom+xml; charset=utf-8")
                .header("Cache-Control", "no-cache")
                .header("ETag", startsWith("W/\""))
                .extract()
                .asString());
    }

    static String head(String page) {
        var html = asked().accept("text/html")
                .get(page)
                .then()
                .statusCode(200)
                .extract()
                .asString();
        return html.substring(0, html.indexOf("</head>"));
    }

    /** As stored by its recognizer. */
    static String evil() {
        String says = asked().get("/api/pier/npm/@dock/crane").path("head.summary");
        assertTrue(says.startsWith("</script><script>alert(1)</script>]]>&"), says);
        return says;
    }
}
