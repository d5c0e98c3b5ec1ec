package dev.narthex.ecosystem.pypi;

import dev.narthex.problem.Problem;
import dev.narthex.spi.Artifact;
import dev.narthex.spi.PackageInfo;
import dev.narthex.spi.Registry;
import dev.narthex.spi.ReleaseInfo;
import dev.narthex.spi.Withdrawal;
import jakarta.inject.Singleton;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Collects projects and their files for the index. Callers cache the results as documents. */
@Singleton
class ProjectFileCollector {
    static final String YANKED = Withdrawal.YANKED;

    private final MetadataFiles coreMetadata;

    ProjectFileCollector(MetadataFiles coreMetadata) {
        this.coreMetadata = coreMetadata;
    }

    /** Finds a project. If nothing of it is released but the project exists, returns it without releases. */
    static PackageInfo find(Registry registry, String normalized) {
        return registry.find(PypiEcosystem.ID, normalized)
                .or(() -> registry.state(PypiEcosystem.ID, normalized)
                        .map(state -> new PackageInfo(
                                0,
                                registry.cache().name(),
                                PypiEcosystem.ID,
                                normalized,
                                normalized,
                                List.of(),
                                Map.of(),
                                state)))
                .orElseThrow(() -> Problem.notFound("project", normalized));
    }

    /** Lists files, oldest version first; none for a project in quarantine. */
    List<ProjectFile> of(Registry registry, PackageInfo project) {
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
            var status = ProjectStatus.of(
                    registry.state(PypiEcosystem.ID, normalized).orElse(Map.of()));
            return (status.quarantined() ? "It is in quarantine. " + status.reason() : "")
                    .getBytes(StandardCharsets.UTF_8);
        });
        if (quarantine.length() > 0) {
            throw Problem.forbidden(normalized + ": " + new String(quarantine.bytes(), StandardCharsets.UTF_8).strip());
        }
    }

    private ProjectFile file(Registry registry, ReleaseInfo release, Artifact file) {
        var metadata = coreMetadata.find(registry, file);
        return new ProjectFile(
                file.id(),
                file.filename(),
                release.version(),
                file.sha256(),
                file.length(),
                file.at(),
                metadata.map(MetadataFiles.IndexedMetadata::requiresPython)
                        .orElseGet(() ->
                                CoreMetadata.parse(release.facts().manifest()).requiresPython()),
                metadata.map(MetadataFiles.IndexedMetadata::sha256),
                Optional.ofNullable(release.withdrawals().get(YANKED)),
                file.attested().map(attested -> provenance(registry, release.normalized(), file)));
    }

    private static String provenance(Registry registry, String project, Artifact file) {
        return registry.baseUrl() + "/registry/" + registry.cache().name() + "/pypi/"
                + ProjectFile.address(project, file.sha256(), file.filename()) + PypiPath.PROVENANCE;
    }
}
