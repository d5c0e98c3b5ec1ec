package dev.narthex.web.release;

import dev.narthex.catalog.path.Closure;
import dev.narthex.catalog.path.Paths;
import dev.narthex.catalog.release.ReleaseNotes;
import dev.narthex.catalog.release.VulnerabilityQuery;
import dev.narthex.catalog.release.VulnerableRelease;
import dev.narthex.nix.SurrogateEscapedText;
import dev.narthex.spi.Dependency;
import dev.narthex.spi.InstallScripts;
import dev.narthex.spi.Registry.VulnerableVersion;
import dev.narthex.web.page.InstalledEcosystems;
import dev.narthex.web.path.ClosureSizes;
import dev.narthex.web.view.RelatedRelease;
import dev.narthex.web.view.SecurityView;
import dev.narthex.web.view.SecurityView.Advisory;
import dev.narthex.web.view.SecurityView.FileLine;
import dev.narthex.web.view.SecurityView.FileSummary;
import dev.narthex.web.view.SecurityView.Step;
import dev.narthex.web.view.SecurityView.VulnerableDependency;
import dev.narthex.web.view.Urls;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Builds the security page: facts that matter before installing a release. */
@ApplicationScoped
public class SecurityPageBuilder {
    private static final Duration FRESH = Duration.ofDays(2);
    private static final int MAX_VULNERABLE = 10_000;

    private final VulnerabilityQuery vulnerable;
    private final Paths paths;
    private final DependencyResolution resolutions;
    private final ContentInspector inspections;
    private final InstalledEcosystems ecosystems;

    SecurityPageBuilder(
            VulnerabilityQuery vulnerable,
            Paths paths,
            DependencyResolution resolutions,
            ContentInspector inspections,
            InstalledEcosystems ecosystems) {
        this.vulnerable = vulnerable;
        this.paths = paths;
        this.resolutions = resolutions;
        this.inspections = inspections;
        this.ecosystems = ecosystems;
    }

    public SecurityView security(ReleaseContext release) {
        var project = vulnerable.project(release.cache().id(), release.view().id());
        var toldAt = project.stream()
                .flatMap(vulnerableRelease -> vulnerableRelease.toldAt().stream())
                .max(Instant::compareTo);
        var dependencies = new ArrayList<VulnerableDependency>();
        var closure = closure(release);
        closure.filter(wholeClosure -> wholeClosure.nodes().size() > 1)
                .ifPresent(wholeClosure -> dependencies.addAll(inClosure(release, wholeClosure)));
        var brought = resolutions.installedReleases(release);
        brought.map(DependencyResolution.InstalledReleases::releases)
                .filter(releases -> !releases.isEmpty())
                .ifPresent(releases -> dependencies.addAll(among(release, releases)));
        return new SecurityView(
                release.head(),
                advisories(release, project),
                project.stream()
                        .map(vulnerableRelease -> toRelatedRelease(release, vulnerableRelease))
                        .toList(),
                toldAt,
                toldAt.filter(at -> at.isBefore(Instant.now().minus(FRESH))).isPresent(),
                dependencies,
                closure.map(wholeClosure -> Math.max(0, wholeClosure.nodes().size() - 1)),
                closure.map(wholeClosure -> vulnerable.reported(release.cache().id(), others(release, wholeClosure))),
                brought.map(installed -> installed.releases().size()),
                closure.map(Closure::complete).orElse(true)
                        && brought.map(DependencyResolution.InstalledReleases::complete)
                                .orElse(true),
                installCode(release),
                inspections.of(release).map(inspection -> files(release, inspection)));
    }

    /** Returns the closure if clients fetch the whole store path; empty if they fetch a file. */
    private Optional<Closure> closure(ReleaseContext release) {
        return release.main().origin().equals("path")
                ? Optional.of(paths.closure(
                        release.cache().id(), release.path().path().hash(), ClosureSizes.MAX_PATHS))
                : Optional.empty();
    }

    /** Merges equal advisories of several releases. */
    private List<Advisory> advisories(ReleaseContext release, List<VulnerableRelease> project) {
        var releasesByName = new LinkedHashMap<String, List<RelatedRelease>>();
        for (var vulnerable : project) {
            vulnerable
                    .vulnerabilities()
                    .forEach(text -> releasesByName
                            .computeIfAbsent(text, _ -> new ArrayList<>())
                            .add(toRelatedRelease(release, vulnerable)));
        }
        return releasesByName.entrySet().stream()
                .map(entry -> new Advisory(entry.getKey(), entry.getValue()))
                .toList();
    }

    private RelatedRelease toRelatedRelease(ReleaseContext release, VulnerableRelease vulnerable) {
        return new RelatedRelease(
                Urls.release(
                        release.cache().name(), vulnerable.ecosystem(), vulnerable.normalized(), vulnerable.version()),
                ecosystems.name(vulnerable.ecosystem()),
                vulnerable.name(),
                vulnerable.version(),
                vulnerable.released());
    }

    private List<VulnerableDependency> inClosure(ReleaseContext release, Closure closure) {
        return vulnerable.inPaths(release.cache().id(), others(release, closure)).stream()
                .filter(vulnerableRelease -> !isItself(release, vulnerableRelease))
                .map(vulnerableRelease -> new VulnerableDependency(
                        release.head().ecosystem(),
                        toRelatedRelease(release, vulnerableRelease),
                        Urls.storePath(release.cache().name(), vulnerableRelease.hashPart()),
                        "",
                        vulnerableRelease.vulnerabilities()))
                .toList();
    }

    private static List<String> others(ReleaseContext release, Closure closure) {
        return closure.nodes().stream()
                .map(node -> node.path().hash())
                .filter(hash -> !hash.equals(release.path().path().hash()))
                .toList();
    }

    /** Returns whether it is another output of the same release, whose advisories are already shown. */
    private static boolean isItself(ReleaseContext release, VulnerableRelease vulnerable) {
        return vulnerable.ecosystem().equals(release.view().ecosystem())
                && vulnerable.normalized().equals(release.view().normalized())
                && vulnerable.version().equals(release.view().version());
    }

    private record AffectedVersion(String normalized, String version) {}

    private List<VulnerableDependency> among(ReleaseContext release, List<ReleaseNotes> releases) {
        var ecosystem = release.view().ecosystem();
        var flawed = vulnerable.releases(release.cache().id(), ecosystem, MAX_VULNERABLE).stream()
                .collect(Collectors.toMap(
                        version -> new AffectedVersion(version.normalized(), version.version()),
                        Function.identity(),
                        (a, _) -> a));
        return releases.stream()
                .flatMap(notes ->
                        Stream.ofNullable(flawed.get(new AffectedVersion(notes.normalized(), notes.version()))))
                .map(version -> toDependency(release, version))
                .toList();
    }

    private VulnerableDependency toDependency(ReleaseContext release, VulnerableVersion vulnerable) {
        var head = release.head();
        var url = Urls.release(head.cache(), head.ecosystem().id(), vulnerable.normalized(), vulnerable.version());
        var range = release.view().dependencies().stream()
                .filter(d -> d.normalized().equals(vulnerable.normalized()))
                .map(Dependency::range)
                .findFirst();
        return new VulnerableDependency(
                head.ecosystem(),
                new RelatedRelease(url, head.ecosystem(), vulnerable.name(), vulnerable.version(), true),
                url,
                range.orElse(""),
                vulnerable.vulnerabilities());
    }

    private Optional<List<Step>> installCode(ReleaseContext release) {
        return ecosystems
                .find(release.view().ecosystem())
                .filter(InstallScripts.class::isInstance)
                .map(InstallScripts.class::cast)
                .map(code -> code.steps(release.view()).stream()
                        .map(step -> new Step(step.name(), step.command()))
                        .toList());
    }

    private static FileSummary files(ReleaseContext release, ContentInspector.InspectionResult inspection) {
        var in = inspection.inspection();
        var pages = inspection.browsable() ? release.head().url() + "/files" : "";
        return new FileSummary(
                in.files(),
                in.executables().count(),
                in.executables().first().stream()
                        .map(file -> place(pages, file, ""))
                        .toList(),
                in.linksOut().count(),
                in.linksOut().first().stream()
                        .map(link -> place(pages, link.file(), SurrogateEscapedText.toDisplayText(link.target())))
                        .toList(),
                in.linksIntoStore(),
                in.programs().count(),
                in.programs().first().stream()
                        .map(program -> place(pages, program.file(), program.kind()))
                        .toList(),
                in.unread(),
                in.licences().count(),
                in.licences().first().stream()
                        .map(licence -> place(pages, licence.file(), licence.begins()))
                        .toList());
    }

    private static FileLine place(String pages, String file, String says) {
        return new FileLine(
                SurrogateEscapedText.toDisplayText(file), pages.isEmpty() ? "" : Urls.file(pages, file), says);
    }
}
