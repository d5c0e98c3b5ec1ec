package dev.narthex.ecosystem.pypi;

import dev.narthex.problem.Problem;
import dev.narthex.spi.Artifact;
import dev.narthex.spi.PackageView;
import dev.narthex.spi.Registry;
import dev.narthex.spi.ReleaseView;
import dev.narthex.spi.Withdrawal;
import jakarta.inject.Singleton;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Collects projects and their files for the index. Callers cache the results as documents. */
@Singleton
class ProjectFiles {
    static final String YANKED = Withdrawal.YANKED;

    private final MetadataFiles coreMetadata;

    ProjectFiles(MetadataFiles coreMetadata) {
        this.coreMetadata = coreMetadata;
    }

    /** Finds a project. If nothing of it is released but the project exists, returns it without releases. */
    static PackageView find(Registry registry, String normalized) {
        return registry.find(PypiEcosystem.ID, normalized)
                .or(() -> registry.state(PypiEcosystem.ID, normalized)
                        .map(state -> new PackageView(
                                0,
                                registry.cache().name(),
                                PypiEcosystem.ID,
                                normalized,
                                normalized,
                                List.of(),
                                Map.of(),
                                state)))
                .orElseThrow(() -> new Problem.NotFound("project", normalized).toException());
    }

    /** Lists files, oldest version first; none for a project in quarantine. */
    List<ProjectFile> of(Registry registry, PackageView project) {
        return ProjectStatus.of(project.state()).quarantined()
                ? List.of()
                : project.releases().reversed().stream()
                        .flatMap(release -> release.artifacts().stream()
                                .filter(Artifact::released)
                                .map(file -> file(registry, release, file)))
                        .toList();
    }

    /** @throws dev.narthex.problem.ProblemException Forbidden, with the reason of the quarantine */
    void refuseQuarantined(Registry registry, String normalized) {
        var quarantine = registry.document(PypiEcosystem.ID, normalized, "quarantine", () -> {
            var standing = ProjectStatus.of(
                    registry.state(PypiEcosystem.ID, normalized).orElse(Map.of()));
            return (standing.quarantined() ? "It is in quarantine. " + standing.reason() : "")
                    .getBytes(StandardCharsets.UTF_8);
        });
        if (quarantine.length() > 0) {
            throw new Problem.Forbidden(
                            normalized + ": " + new String(quarantine.bytes(), StandardCharsets.UTF_8).strip())
                    .toException();
        }
    }

    private ProjectFile file(Registry registry, ReleaseView release, Artifact file) {
        var seen = coreMetadata.seen(registry, file);
        return new ProjectFile(
                file.id(),
                file.filename(),
                release.version(),
                file.sha256(),
                file.length(),
                file.at(),
                seen.map(MetadataFiles.Seen::requiresPython)
                        .orElseGet(() ->
                                CoreMetadata.parse(release.facts().manifest()).requiresPython()),
                seen.map(MetadataFiles.Seen::sha256),
                Optional.ofNullable(release.withdrawals().get(YANKED)),
                file.attested().map(attested -> provenance(registry, release.normalized(), file)));
    }

    private static String provenance(Registry registry, String project, Artifact file) {
        return registry.baseUrl() + "/registry/" + registry.cache().name() + "/pypi/"
                + ProjectFile.address(project, file.sha256(), file.filename()) + PypiPath.PROVENANCE;
    }
}
