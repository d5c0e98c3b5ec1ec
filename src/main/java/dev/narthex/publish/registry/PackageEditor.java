package dev.narthex.publish.registry;

import dev.narthex.access.Action;
import dev.narthex.access.AuditLog;
import dev.narthex.access.AuditLog.AuditEvent;
import dev.narthex.catalog.release.PackageEditRepository;
import dev.narthex.catalog.release.PackageEditRepository.LockedPackageRef;
import dev.narthex.catalog.release.Packages;
import dev.narthex.problem.Problem;
import dev.narthex.spi.Cache;
import dev.narthex.spi.PackageEdit;
import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Optional;

/** Changes existing packages: tags, withdrawals and removals, each with its audit entry in one transaction. */
@ApplicationScoped
class PackageEditor {
    private final Packages packages;
    private final PackageEditRepository edits;
    private final AuditLog audit;

    PackageEditor(Packages packages, PackageEditRepository edits, AuditLog audit) {
        this.packages = packages;
        this.edits = edits;
        this.audit = audit;
    }

    /** @param principal name of the principal, as {@code Access.principal()} returns it */
    void change(
            Cache cache,
            String ecosystem,
            String normalizedName,
            String principal,
            PackageEdit.ChangeFunction changes) {
        QuarkusTransaction.requiringNew().run(() -> {
            var lockedPackage = edits.lock(cache.id(), ecosystem, normalizedName)
                    .orElseThrow(() -> notFound("package", normalizedName));
            var current = packages.findPublished(cache, ecosystem, normalizedName)
                    .orElseThrow(() -> notFound("package", normalizedName));
            changes.apply(current, new AuditedPackageEdit(cache, lockedPackage, principal));
        });
    }

    private static RuntimeException notFound(String kind, String name) {
        return Problem.notFound(kind, name);
    }

    private final class AuditedPackageEdit implements PackageEdit {
        private final Cache cache;
        private final LockedPackageRef lockedPackage;
        private final String principal;

        AuditedPackageEdit(Cache cache, LockedPackageRef lockedPackage, String principal) {
            this.cache = cache;
            this.lockedPackage = lockedPackage;
            this.principal = principal;
        }

        @Override
        public void tag(String tag, String version) {
            requireAndAudit(
                    edits.tag(lockedPackage, tag, version, principal),
                    "version",
                    version,
                    "tag " + tag + " of " + releaseLabel(version));
        }

        @Override
        public void untag(String tag) {
            requireAndAudit(
                    edits.untag(lockedPackage, tag),
                    "tag",
                    tag,
                    "untag " + tag + " of " + lockedPackage.ecosystem() + " " + lockedPackage.normalized());
        }

        @Override
        public void withdraw(String version, String kind, Optional<String> reason) {
            var description = (reason.isPresent() ? "" : "no longer ") + kind + " " + releaseLabel(version);
            requireAndAudit(
                    edits.withdraw(lockedPackage, version, kind, reason, principal), "version", version, description);
        }

        @Override
        public void remove(String version, String reason) {
            requireAndAudit(
                    edits.remove(lockedPackage, version, principal, reason),
                    "version",
                    version,
                    "remove " + releaseLabel(version));
        }

        private String releaseLabel(String version) {
            return lockedPackage.ecosystem() + " " + lockedPackage.normalized() + "@" + version;
        }

        private void requireAndAudit(boolean exists, String kind, String name, String object) {
            if (!exists) {
                throw notFound(kind, name);
            }
            audit.recordDone(AuditEvent.ofCache(cache, Action.MAINTAIN, object), principal);
        }
    }
}
