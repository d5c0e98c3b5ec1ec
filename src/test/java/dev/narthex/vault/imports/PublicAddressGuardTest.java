package dev.narthex.vault.imports;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.narthex.problem.ProblemException;
import java.io.IOException;
import java.net.InetAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PublicAddressGuardTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "127.0.0.1",
                "127.1.2.3",
                "0.0.0.0",
                "0.1.2.3",
                "10.0.0.1",
                "172.16.0.1",
                "172.31.255.255",
                "192.168.1.1",
                "169.254.169.254",
                "100.64.0.1",
                "100.127.255.255",
                "192.0.0.170",
                "198.18.0.1",
                "198.19.255.255",
                "224.0.0.1",
                "240.0.0.1",
                "255.255.255.255",
                "::",
                "::1",
                "fe80::1",
                "fec0::1",
                "fc00::1",
                "fd12::1",
                "ff02::1",
                "64:ff9b::a00:1",
                "2002:a00:1::",
                "2001::1",
                "100::1",
                "::ffff:10.0.0.1"
            })
    void privateAddressesAreRecognized(String address) throws IOException {
        assertEquals(false, PublicAddressGuard.isPublic(InetAddress.getByName(address)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1.1.1.1",
                "100.63.255.255",
                "100.128.0.1",
                "172.32.0.1",
                "192.0.1.1",
                "198.17.0.1",
                "198.20.0.1",
                "223.255.255.255",
                "2606:4700::1111",
                "2a01:4f8::1",
                "::ffff:1.1.1.1"
            })
    void otherAddressesArePublic(String address) throws IOException {
        assertEquals(true, PublicAddressGuard.isPublic(InetAddress.getByName(address)));
    }

    @Test
    void hostNamesAreResolved() {
        assertThrows(ProblemException.class, () -> PublicAddressGuard.requirePublic("localhost"));
        assertThrows(ProblemException.class, () -> PublicAddressGuard.requirePublic("[::1]"));
    }

    @ParameterizedTest
    @CsvSource({
        "http://h, http://h/",
        "https://h:8443/a/b///, https://h:8443/a/b/",
        "' http://h/x ', http://h/x/",
    })
    void aSourceEndsInOneSlash(String given, String base) {
        assertEquals(base, SourceUrl.parse(given).base().toString());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "h",
                "ftp://h",
                "file:///etc",
                "http://",
                "http:///x",
                "http://u:p@h",
                "http://h?x",
                "http://h#x",
                "http://a b",
                "jar:http://h!/x"
            })
    void sourceMustBeAWebUrl(String given) {
        assertEquals(
                400,
                assertThrows(ProblemException.class, () -> SourceUrl.parse(given))
                        .problem()
                        .status());
    }

    @ParameterizedTest
    @ValueSource(strings = {"file:///etc/passwd", "jar:http://h!/x", "gopher://h/x", "http:x", "a b"})
    void narUrlStaysAtTheSource(String target) {
        var source = SourceUrl.parse("http://h/a");
        assertThrows(ProblemException.class, () -> source.resolve(target));
        assertEquals("http://h/a/nar/x?y=z", source.resolve("nar/x?y=z").toString());
        assertEquals("https://cdn/x", source.resolve("https://cdn/x").toString());
    }
}
