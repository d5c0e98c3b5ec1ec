package dev.narthex.web;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.startsWith;

import dev.narthex.TestDatabase;
import dev.narthex.web.support.PortalFixture;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import org.junit.jupiter.api.Test;

/** Pages of files inside store paths, and of build logs. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class FilePagesTest extends PageServiceSetup {

    @Test
    void bytesOfFilesNeverRunOnThisSite() {
        var files = "/gallery/path/" + LANTERN.hash() + "/files/";
        for (var file : new String[] {"page.html", "picture.svg", "README", "z%FF"}) {
            page(files + file + "?raw")
                    .statusCode(200)
                    .header("Content-Security-Policy", "sandbox; default-src 'none'")
                    .header("X-Content-Type-Options", "nosniff");
        }
        page(files + "page.html?raw").contentType("text/plain; charset=utf-8");
        page(files + "picture.svg?raw").header("Content-Disposition", startsWith("attachment"));
        page(files + "z%FF?raw")
                .contentType("application/octet-stream")
                .header("Content-Disposition", startsWith("attachment"))
                .header("Content-Length", "2");
        browser()
                .header("Range", "bytes=0-4")
                .get(files + "README?raw")
                .then()
                .statusCode(206)
                .body(equalTo("plain"));
        browser()
                .header("Range", "bytes=-5")
                .get(files + "README?raw")
                .then()
                .statusCode(206)
                .body(equalTo("line\n"));
    }

    @Test
    void linksAreShownAndNotFollowedOutside() {
        var files = "/gallery/path/" + LANTERN.hash() + "/files/";
        page(files + "away").body(containsString("/etc/passwd"), containsString("points outside this store path"));
        page(files + "bin/out").body(containsString("points outside this store path"));
        page(files + "bin/lit").body(containsString("href=\"" + files + "README\""));
        page(files + "away/passwd").statusCode(404);
    }

    @Test
    void linesHaveLinkableNumbers() {
        page("/gallery/path/" + LANTERN.hash() + "/files/README")
                .body(containsString("id=\"L2\""), containsString("second line"), containsString("2 lines"));
        page("/gallery/path/" + LANTERN.hash() + "/files").body(containsString(">deep/deeper</a>"));
        page("/gallery/path/" + LANTERN.hash() + "/files/deep/deeper/odd%20name%3F%23.txt")
                .body(containsString("found"));
    }

    @Test
    void markdownIsRenderedWithALinkToItsSource() {
        var file = "/gallery/path/" + LANTERN.hash() + "/files/deep/deeper/guide.md";
        page(file)
                .body(containsString("<h2 id=\"readme-guide\">Guide</h2>"))
                .body(containsString("href=\"" + file + "?source\">Source</a>"))
                .body(containsString("href=\"/gallery/path/" + LANTERN.hash() + "/files/README\""))
                .body(containsString("href=\"/gallery/path/" + LANTERN.hash() + "/files/page.html\""))
                .body(not(containsString("secret")), not(containsString("id=\"L1\"")));
        page(file + "?source").body(containsString("id=\"L1\""), containsString("href=\"" + file + "\">Rendered</a>"));
        given().get("/api" + file).then().body("content.form", equalTo("document"));
        given().get("/api" + file + "?source").then().body("content.form", equalTo("text"));
        page("/gallery/npm/wick@2.0.0/files/package/README.md")
                .body(containsString("href=\"/gallery/npm/wick&#64;2.0.0/files/package/notes.md\""));
    }

    @Test
    void imageIsShownAndSvgHasASource() {
        var file = "/gallery/path/" + LANTERN.hash() + "/files/picture.svg";
        page(file).body(containsString("<img src=\"" + file + "?raw\""), containsString(">Source</a>"));
        page(file + "?source").body(containsString("id=\"L1\""), containsString(">Rendered</a>"));
        page("/gallery/path/" + LANTERN.hash() + "/files/README?source").body(not(containsString(">Rendered</a>")));
    }

    @Test
    void binaryFilesAreLabeled() {
        page("/gallery/path/" + LANTERN.hash() + "/files/z%FF")
                .body(containsString("binary data"), containsString("2 bytes"))
                .body(containsString("b413f47d13ee2fe6c845b2ee141af81de858df4ec549a58b7970bb96645bc8d2"));
    }

    @Test
    void largeFolderIsPaged() {
        var crowd = new PortalFixture(CACHE, recognition).put("crowd-1.0", nar -> {
            nar.directory(new byte[0]);
            for (int i = 0; i < 1005; i++) {
                PortalFixture.file(nar, "file-%04d".formatted(i), "");
            }
            nar.endDirectory();
        });
        var files = "/gallery/path/" + crowd.hash() + "/files";
        given().get("/api" + files)
                .then()
                .body("directory.lines.size()", equalTo(1000))
                .body("directory.size", equalTo(1005));
        page(files).body(containsString("href=\"" + files + "?page=2\""));
        given().get("/api" + files + "?page=2").then().body("directory.lines.name", hasItem("file-1004"));
    }

    @Test
    void logIsShownWithPhasesAndWithoutTerminalCodes() {
        page("/gallery/path/" + LANTERN.hash() + "/log")
                .body(containsString("href=\"#L1\"><span>buildPhase"), containsString("red&lt;script&gt;"))
                .body(not(containsString("\u001b")));
    }
}
