package dev.narthex.web.page;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.narthex.nix.SurrogateEscapedText;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PageAddressTest {
    private static final String HASH = "8k3vq1x0gh5zfj2l4nrbyd7mwa6cs9pi";

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "/orchard/npm/lantern,                       lantern,        -,      '',          ''",
                "/orchard/npm/lantern@3.2.1,                 lantern,        3.2.1,  '',          ''",
                "/orchard/npm/lantern@latest,                lantern,        latest, '',          ''",
                "/orchard/npm/@scope/name,                   @scope/name,    -,      '',          ''",
                "/orchard/npm/@scope/name@1.0.0,             @scope/name,    1.0.0,  '',          ''",
                "/orchard/npm/%40scope%2fname@1.0.0,         @scope/name,    1.0.0,  '',          ''",
                "/orchard/oci/team/app@5.1,                  team/app,       5.1,    '',          ''",
                "/orchard/oci/team/app/versions,             team/app/versions, -,   '',          ''",
                "/orchard/npm/lantern@3.2.1/versions,        lantern,        3.2.1,  versions,    ''",
                "/orchard/npm/@scope/name@1/dependents,      @scope/name,    1,      dependents,  ''",
                "/orchard/npm/lantern@1/provenance,          lantern,        1,      provenance,  ''",
                "/orchard/npm/lantern@1/security,            lantern,        1,      security,    ''",
                "/orchard/npm/lantern@1/files,               lantern,        1,      files,       ''",
                "/orchard/npm/lantern@1/files/a/b.js,        lantern,        1,      files,       a/b.js",
                "/orchard/npm/x@1/files/node_modules/@s/y@2, x,              1,      files,       node_modules/@s/y@2",
                "/orchard/npm/x@1/files/a%20b%3Fc,           x,              1,      files,       a b?c",
                "/orchard/nix/gcc@14.3.0+lib,                gcc,            14.3.0+lib, '',      ''",
                "/orchard/pypi/a@1!2.0%2Blocal,              a,              1!2.0+local, '',     ''",
            })
    void packageUrlHasNameVersionTabAndFile(String path, String name, String version, String tab, String file) {
        var expected = new PageAddress.PackagePage(
                "orchard", path.split("/")[2], name, Optional.ofNullable(version), tab, file);
        assertEquals(Optional.of(expected), PageAddress.parse(path));
    }

    @ParameterizedTest
    @CsvSource({
        "'',           '',         ''",
        "/closure,     closure,    ''",
        "/kept,        kept,       ''",
        "/referrers,   referrers,  ''",
        "/derivation,  derivation, ''",
        "/log,         log,        ''",
        "/files,       files,      ''",
        "/files/bin/x, files,      bin/x",
    })
    void aStorePathAddressTellsTabAndFile(String below, String tab, String file) {
        assertEquals(
                Optional.of(new PageAddress.PathPage("orchard", HASH, tab, file)),
                PageAddress.parse("/orchard/path/" + HASH + below));
    }

    @ParameterizedTest
    @CsvSource({
        "/orchard/npm/lantern@3.2.0/diff/3.2.1,    lantern,     3.2.0,  3.2.1",
        "/orchard/npm/@scope/name@latest/diff/1,   @scope/name, latest, 1",
        "/orchard/pypi/a@1%2Bx/diff/1!2%2By,       a,           1+x,    1!2+y",
        "/orchard/nix/a@1/diff/b%2Fc@d,            a,           1,      b/c@d",
    })
    void twoVersionsAreComparedBelowTheFirst(String path, String name, String a, String b) {
        assertEquals(
                Optional.of(new PageAddress.TwoReleases("orchard", path.split("/")[2], name, a, b)),
                PageAddress.parse(path));
    }

    @Test
    void diffUrlIsBelowTheFirstPath() {
        var other = HASH.replace('8', '9');
        assertEquals(
                Optional.of(new PageAddress.TwoPaths("orchard", HASH, "orchard", other)),
                PageAddress.parse("/orchard/path/" + HASH + "/diff/" + other));
        assertEquals(
                Optional.of(new PageAddress.TwoPaths("orchard", HASH, "workshop", other)),
                PageAddress.parse("/orchard/path/" + HASH + "/diff/workshop/" + other));
    }

    @Test
    void shortUrlsAreHomeListsAndCaches() {
        assertEquals(Optional.of(new PageAddress.Home()), PageAddress.parse("/"));
        assertEquals(Optional.of(new PageAddress.Caches()), PageAddress.parse("/caches"));
        assertEquals(Optional.of(new PageAddress.Search()), PageAddress.parse("/search"));
        assertEquals(Optional.of(new PageAddress.Compare()), PageAddress.parse("/diff"));
        assertEquals(Optional.of(new PageAddress.CachePage("orchard")), PageAddress.parse("/orchard"));
        assertEquals(Optional.of(new PageAddress.Listing("orchard", "npm")), PageAddress.parse("/orchard/npm"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/orchard/",
                "/orchard/npm/",
                "//npm/x",
                "/orchard/npm/x@",
                "/orchard/npm/x@/files",
                "/orchard/npm/x@1/settings",
                "/orchard/npm/x@1/versions/more",
                "/orchard/npm/x@1/security/more",
                "/orchard/path/nothash",
                "/orchard/path/" + HASH + "/lost",
                "/orchard/path/" + HASH + "/closure/x",
                "/orchard/path/" + HASH + "/diff",
                "/orchard/path/" + HASH + "/diff/nothash",
                "/orchard/path/" + HASH + "/diff/a/b/" + HASH,
                "/orchard/npm/x@1/diff",
                "/orchard/npm/x@1/diff/2/files",
            })
    void otherUrlsAreNoPages(String path) {
        assertEquals(Optional.empty(), PageAddress.parse(path));
    }

    @Test
    void invalidUtf8SurvivesARoundTrip() {
        var name =
                SurrogateEscapedText.decode(new byte[] {'a', (byte) 0xff, (byte) 0xfe, '/', (byte) 0xc3, (byte) 0xa9});
        var address = dev.narthex.web.view.Urls.file("/orchard/path/" + HASH + "/files", name);
        assertEquals("/orchard/path/" + HASH + "/files/a%FF%FE/%C3%A9", address);
        assertEquals(Optional.of(new PageAddress.PathPage("orchard", HASH, "files", name)), PageAddress.parse(address));
    }

    @Test
    void literalPercentSignIsKept() {
        assertEquals(
                Optional.of(new PageAddress.PackagePage("orchard", "npm", "100%", Optional.empty(), "", "")),
                PageAddress.parse("/orchard/npm/100%"));
    }
}
