package dev.narthex.ecosystem;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.narthex.ecosystem.npm.NpmEcosystem;
import dev.narthex.ecosystem.pypi.PypiEcosystem;
import dev.narthex.ecosystem.support.HostileTreesFixture;
import dev.narthex.ecosystem.support.NarCandidate;
import dev.narthex.spi.Ecosystem;
import dev.narthex.spi.NotOfferedException;
import dev.narthex.spi.TranscodeResult;
import dev.narthex.spi.Transcoder;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each hostile tree is rejected with the listed reason, and files built from the others are safe for clients. */
class HostileTreesTest {
    static List<HostileTreesFixture.Row> traps() {
        return HostileTreesFixture.all();
    }

    @ParameterizedTest
    @MethodSource("traps")
    void hostileTreeIsRefusedWithItsReason(HostileTreesFixture.Row row) throws IOException {
        var tree = row.tree();
        var told = new ArrayList<String>();
        for (var ecosystem : List.of(new NpmEcosystem(), new PypiEcosystem())) {
            try (var packages = ((Transcoder) ecosystem).transcode(tree)) {
                for (var each : packages.toList()) {
                    told.add(ecosystem.id() + " " + told(ecosystem, each));
                }
            }
        }
        assertEquals(String.join("\n", row.told()), String.join("\n", told));
    }

    private static String told(Ecosystem ecosystem, TranscodeResult each) throws IOException {
        return switch (each) {
            case TranscodeResult.RefusedPackage refusal ->
                refusal.name() + " " + refusal.version() + ": " + refusal.reason();
            case TranscodeResult.OfferedFile offer -> offer.name() + " " + offer.version() + made(ecosystem, offer);
        };
    }

    private static String made(Ecosystem ecosystem, TranscodeResult.OfferedFile offer) throws IOException {
        try (var in = offer.maker().open()) {
            var file = NarCandidate.flat(offer.filename(), in.readAllBytes());
            try (var found = ecosystem.recognize(file)) {
                var one = found.toList().getFirst();
                assertEquals(offer.name() + " " + offer.version(), one.name() + " " + one.version());
            }
            return " offered";
        } catch (NotOfferedException e) {
            return ": " + e.reason();
        }
    }
}
