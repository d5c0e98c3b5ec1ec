package dev.narthex.web.view;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.web.view.DiffView.ClosureSize;
import dev.narthex.web.view.VersionsView.Bar;
import dev.narthex.web.view.VersionsView.Line;
import dev.narthex.web.view.VersionsView.PreviousVersion;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class VersionsViewTest {
    private static final Optional<ClosureSize> UNKNOWN = Optional.empty();

    private static Line line(String version, boolean prerelease, Optional<ClosureSize> closure) {
        return new Line(
                "/orchard/nix/lantern@" + version,
                version,
                prerelease,
                true,
                version.equals("3"),
                Instant.EPOCH,
                "pushed",
                "",
                true,
                1,
                "",
                List.of(),
                List.of(),
                List.of(),
                closure,
                version.equals("3") ? Optional.of(new PreviousVersion("2", "", Optional.empty())) : Optional.empty());
    }

    private static Optional<ClosureSize> size(long narSize, boolean complete) {
        return Optional.of(new ClosureSize(narSize, 2, complete));
    }

    /** Newest first. */
    private static VersionsView view(Line... lines) {
        var head = new ReleaseHead(
                "orchard",
                new EcosystemName("nix", "Nix"),
                "lantern",
                "lantern",
                "3",
                "/orchard/nix/lantern@3",
                "/orchard/nix/lantern",
                false,
                true,
                "3",
                List.of(),
                "",
                "",
                Instant.EPOCH,
                "pushed",
                true,
                1,
                lines.length,
                0,
                0,
                false,
                List.of(),
                List.of());
        return new VersionsView(head, List.of(), List.of(lines));
    }

    @Test
    void barsAreOldestFirstAndScaledToTheLargest() {
        var chart = view(
                        line("3", false, size(400, true)),
                        line("2", false, size(100, true)),
                        line("1", false, size(200, true)))
                .chart()
                .orElseThrow();
        assertEquals("1", chart.first().version());
        assertEquals("3", chart.last().version());
        assertEquals(
                List.of(20.0, 10.0, 40.0),
                chart.bars().stream().map(Bar::height).toList());
        assertEquals(List.of(20.0, 30.0, 0.0), chart.bars().stream().map(Bar::y).toList());
        assertEquals(
                List.of(false, false, true),
                chart.bars().stream().map(Bar::current).toList());
        assertTrue(chart.bars().getLast().x() + chart.bars().getLast().width() <= 100);
        assertEquals("3", chart.step());
        assertEquals(300, chart.stepSize());
    }

    @Test
    void onlyCompleteSizesAreDrawn() {
        var unknown = view(
                line("3", false, size(400, false)),
                line("3-rc", true, size(300, true)),
                line("2", false, UNKNOWN),
                line("1", false, size(200, true)));
        assertEquals(Optional.empty(), unknown.chart());
        var shrinking = view(line("3", false, size(1, true)), line("2", false, size(2, true)))
                .chart();
        assertEquals("", shrinking.orElseThrow().step());
    }

    @Test
    void newestOfManyVersionsAreDrawn() {
        var lines = new ArrayList<Line>();
        for (int i = 500; i > 0; i--) {
            lines.add(line("1." + i, false, size(i, true)));
        }
        var chart = view(lines.toArray(Line[]::new)).chart().orElseThrow();
        assertEquals(60, chart.bars().size());
        assertEquals("1.441", chart.first().version());
    }

    @Test
    void diffFormOffersThePreviousVersion() {
        assertEquals(
                "2", view(line("3", false, UNKNOWN), line("2", false, UNKNOWN)).other());
        assertEquals("4", view(line("4", false, UNKNOWN)).other());
        assertEquals("orchard/nix/lantern@3", line("3", false, UNKNOWN).side());
    }

    @Test
    void closuresOfSingleFilesAreNotShown() {
        var alone = Optional.of(new ClosureSize(5, 1, true));
        assertFalse(view(line("3", false, alone), line("2", false, UNKNOWN)).closures());
        assertTrue(
                view(line("3", false, alone), line("2", false, size(5, true))).closures());
    }
}
