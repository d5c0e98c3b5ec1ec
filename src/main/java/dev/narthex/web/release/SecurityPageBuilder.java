package dev.narthex.web.release;

import dev.narthex.catalog.path.Closure;
import dev.narthex.catalog.path.Paths;
import dev.narthex.catalog.release.ReleaseNotes;
import dev.narthex.catalog.release.VulnerableRelease;
import dev.narthex.catalog.release.VulnerableReleases;
import dev.narthex.nix.SurrogateEscapedText;
import dev.narthex.spi.Dependency;
import dev.narthex.spi.InstallScripts;
import dev.narthex.spi.Registry.Vulnerable;
import dev.narthex.web.page.Ecosystems;
import dev.narthex.web.path.ClosureSizes;
import dev.narthex.web.view.RelatedRelease;
import dev.narthex.web.view.SecurityView;
import dev.narthex.web.view.SecurityView.Advisory;
import dev.narthex.web.view.SecurityView.Carried;
import dev.narthex.web.view.SecurityView.Files;
import dev.narthex.web.view.SecurityView.Place;
import dev.narthex.web.view.SecurityView.Step;
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

    private final VulnerableReleases vulnerable;
    private final Paths paths;
    private final DependencyResolution resolutions;
    private final Inspections inspections;
    private final Ecosystems ecosystems;

    SecurityPageBuilder(
            VulnerableReleases vulnerable,
            Paths paths,
            DependencyResolution resolutions,
            Inspections inspections,
            Ecosystems ecosystems) {
        this.vulnerable = vulnerable;
        this.paths = paths;
        this.resolutions = resolutions;
        this.inspections = inspections;
        this.ecosystems = ecosystems;
    }

    public SecurityView security(ReleaseContext release) {
        var project = vulnerable.project(release.cache().id(), release.view().id());
        var toldAt = project.stream().flatMap(one -> one.toldAt().stream()).max(Instant::compareTo);
        var carried = new ArrayList<Carried>();
        var closure = closure(release);
        closure.filter(all -> all.nodes().size() > 1).ifPresent(all -> carried.addAll(inClosure(release, all)));
        var brought = resolutions.brought(release);
        brought.map(DependencyResolution.Brought::releases)
                .filter(all -> !all.isEmpty())
                .ifPresent(all -> carried.addAll(among(release, all)));
        return new SecurityView(
                release.head(),
                advisories(release, project),
                project.stream().map(one -> known(release, one)).toList(),
                toldAt,
                toldAt.filter(at -> at.isBefore(Instant.now().minus(FRESH))).isPresent(),
                carried,
                closure.map(all -> Math.max(0, all.nodes().size() - 1)),
                closure.map(all -> vulnerable.reported(release.cache().id(), others(release, all))),
                brought.map(all -> all.releases().size()),
                closure.map(Closure::complete).orElse(true)
                        && brought.map(DependencyResolution.Brought::all).orElse(true),
                installCode(release),
                inspections.of(release).map(looked -> files(release, looked)));
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
        var of = new LinkedHashMap<String, List<RelatedRelease>>();
        for (var one : project) {
            one.vulnerabilities()
                    .forEach(text ->
                            of.computeIfAbsent(text, _ -> new ArrayList<>()).add(known(release, one)));
        }
        return of.entrySet().stream()
                .map(each -> new Advisory(each.getKey(), each.getValue()))
                .toList();
    }

    private RelatedRelease known(ReleaseContext release, VulnerableRelease of) {
        return new RelatedRelease(
                Urls.release(release.cache().name(), of.ecosystem(), of.normalized(), of.version()),
                ecosystems.name(of.ecosystem()),
                of.name(),
                of.version(),
                of.released());
    }

    private List<Carried> inClosure(ReleaseContext release, Closure closure) {
        return vulnerable.among(release.cache().id(), others(release, closure)).stream()
                .filter(one -> !isItself(release, one))
                .map(one -> new Carried(
                        release.head().ecosystem(),
                        known(release, one),
                        Urls.storePath(release.cache().name(), one.hashPart()),
                        "",
                        one.vulnerabilities()))
                .toList();
    }

    private static List<String> others(ReleaseContext release, Closure closure) {
        return closure.nodes().stream()
                .map(node -> node.path().hash())
                .filter(hash -> !hash.equals(release.path().path().hash()))
                .toList();
    }

    /** Returns whether it is another output of the same release, whose advisories are already shown. */
    private static boolean isItself(ReleaseContext release, VulnerableRelease one) {
        return one.ecosystem().equals(release.view().ecosystem())
                && one.normalized().equals(release.view().normalized())
                && one.version().equals(release.view().version());
    }

    private record Version(String normalized, String version) {}

    private List<Carried> among(ReleaseContext release, List<ReleaseNotes> brought) {
        var ecosystem = release.view().ecosystem();
        var flawed = vulnerable.releases(release.cache().id(), ecosystem, MAX_VULNERABLE).stream()
                .collect(Collectors.toMap(
                        one -> new Version(one.normalized(), one.version()), Function.identity(), (a, _) -> a));
        return brought.stream()
                .flatMap(one -> Stream.ofNullable(flawed.get(new Version(one.normalized(), one.version()))))
                .map(one -> carried(release, one))
                .toList();
    }

    private Carried carried(ReleaseContext release, Vulnerable one) {
        var head = release.head();
        var url = Urls.release(head.cache(), head.ecosystem().id(), one.normalized(), one.version());
        var range = release.view().dependencies().stream()
                .filter(d -> d.normalized().equals(one.normalized()))
                .map(Dependency::range)
                .findFirst();
        return new Carried(
                head.ecosystem(),
                new RelatedRelease(url, head.ecosystem(), one.name(), one.version(), true),
                url,
                range.orElse(""),
                one.vulnerabilities());
    }

    private Optional<List<Step>> installCode(ReleaseContext release) {
        return ecosystems
                .find(release.view().ecosystem())
                .filter(InstallScripts.class::isInstance)
                .map(InstallScripts.class::cast)
                .map(code -> code.runs(release.view()).stream()
                        .map(step -> new Step(step.name(), step.command()))
                        .toList());
    }

    private static Files files(ReleaseContext release, Inspections.Looked looked) {
        var in = looked.inspection();
        var pages = looked.browsable() ? release.head().url() + "/files" : "";
        return new Files(
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

    private static Place place(String pages, String file, String says) {
        return new Place(SurrogateEscapedText.toDisplayText(file), pages.isEmpty() ? "" : Urls.file(pages, file), says);
    }
}
