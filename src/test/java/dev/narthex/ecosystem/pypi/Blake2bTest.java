package dev.narthex.ecosystem.pypi;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.HexFormat;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class Blake2bTest {
    /** Compared with Python's hashlib, for the bytes 0, 1, … 250, 0, 1 …, in one part and in several. */
    @ParameterizedTest
    @CsvSource({
        "0, 0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8",
        "1, 03170a2e7597b7b7e3d84c05391d139a62b157e78786d8c082f29dcf4c111314",
        "127, f2fe67ff342e21b8f45e8f2e0bcd1d9243245d50ee6c78042e9c491388791c72",
        "128, c3582f71ebb2be66fa5dd750f80baae97554f3b015663c8be377cfcb2488c1d1",
        "129, f7f3c46ba2564ff4c4c162da1f5b605f9f1c4aa6a20652a9f9a337c1a2f5b9c9",
        "256, 582f782226018ec33076bd8d1c42413530ac7e1126260ffc0f306ba3befc3f24",
        "257, 227e15ed64ee8e93eb7bc53828f76eed974f2c4ab1408c3d08f212b7f8d69904",
        "1000, b372d0608f720c8c3dd41e9c8eecb10143b41abe520b616607e754bf79c08331"
    })
    void itIsThatOfPython(int length, String expected) {
        var bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) (i % 251);
        }
        for (int piece : new int[] {Math.max(1, length), 1, 100, 128}) {
            var digest = new Blake2b();
            for (int at = 0; at < length; at += piece) {
                digest.update(bytes, at, Math.min(piece, length - at));
            }
            assertEquals(expected, HexFormat.of().formatHex(digest.digest()), "in pieces of " + piece);
        }
    }
}
