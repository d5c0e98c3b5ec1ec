package dev.narthex.ecosystem.npm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.semver4j.Semver;

class NpmVersionTest {
    /** Without "-" and "00a", which semver4j reads as numbers. */
    private static final String[] WORDS = {"alpha", "beta", "rc", "0", "1", "9", "10", "a", "a-b", "A", "x1"};

    @Test
    void sortKeysMatchAnotherImplementation() {
        var random = new Random(7);
        for (int i = 0; i < 20_000; i++) {
            var a = version(random);
            var b = version(random);
            int expected = Integer.signum(new Semver(a).compareTo(new Semver(b)));
            int actual = Integer.signum(Arrays.compareUnsigned(NpmVersion.key(a), NpmVersion.key(b)));
            assertEquals(expected, actual, a + " against " + b);
        }
    }

    @Test
    void onlyVersionsValidForNpmAreAccepted() {
        for (var good : List.of("1.2.3", "v1.2.3", " =v1.2.3", "1.2.3-0", "1.2.3-00a.b", "1.2.3+x.y", "1.2.3--")) {
            assertTrue(NpmVersion.parse(good).isPresent(), good);
        }
        for (var bad : List.of(
                "1.2",
                "1.2.3.4",
                "01.2.3",
                "1.2.3-01",
                "1.2.3-",
                "1.2.3-a..b",
                "9007199254740992.0.0",
                "1.2.3-ä",
                "1.2.3 4",
                "1.2." + "3".repeat(300))) {
            assertTrue(NpmVersion.parse(bad).isEmpty(), bad);
        }
    }

    private static String version(Random random) {
        var version = new StringBuilder();
        version.append(random.nextInt(3))
                .append('.')
                .append(random.nextInt(12))
                .append('.')
                .append(random.nextInt(3));
        for (int i = random.nextInt(4); i > 0; i--) {
            version.append(version.indexOf("-") < 0 ? '-' : '.').append(WORDS[random.nextInt(WORDS.length)]);
        }
        return version.toString();
    }
}
