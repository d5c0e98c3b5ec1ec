package dev.narthex.publish.registry;

import dev.narthex.access.Access;
import dev.narthex.access.Action;
import dev.narthex.access.AuditLog;
import dev.narthex.access.AuditLog.AuditEvent;
import dev.narthex.access.DisplayNames;
import dev.narthex.access.Principal;
import dev.narthex.catalog.release.PackageEditRepository;
import dev.narthex.catalog.release.Packages;
import dev.narthex.catalog.release.Stars;
import dev.narthex.problem.Problem;
import dev.narthex.problem.ProblemException;
import dev.narthex.spi.Cache;
import dev.narthex.spi.PackageInfo;
import dev.narthex.spi.Registry;
import dev.narthex.spi.RegistryProvider.StarRequest;
import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** Stars: packages marked by people as favorites. Stores them by person and shows display names. */
@ApplicationScoped
class PackageStars {
    private final Access access;
    private final Packages packages;
    private final PackageEditRepository packageEdits;
    private final Stars stars;
    private final DisplayNames displayNames;
    private final AuditLog audit;

    PackageStars(
            Access access,
            Packages packages,
            PackageEditRepository packageEdits,
            Stars stars,
            DisplayNames displayNames,
            AuditLog audit) {
        this.access = access;
        this.packages = packages;
        this.packageEdits = packageEdits;
        this.stars = stars;
        this.displayNames = displayNames;
        this.audit = audit;
    }

    List<String> listStargazers(Cache cache, String ecosystem, String normalizedName) {
        return displayNames.of(stars.of(cache.id(), ecosystem, normalizedName, Registry.MOST_STARS));
    }

    List<String> listStarredPackages(Cache cache, String ecosystem, String personName) {
        return access.person()
                .filter(person -> person.login().equals(personName))
                .map(Principal.Person::id)
                .or(() -> displayNames.find(personName))
                .map(id -> stars.listStarred(cache.id(), ecosystem, id, Registry.MOST_STARS))
                .orElse(List.of());
    }

    void setStarred(StarRequest target, Consumer<PackageInfo> check) {
        var person = access.requireStarring(target.cache(), target.ecosystem(), target.normalized());
        var cache = access.require(Action.READ, target.cache());
        QuarkusTransaction.requiringNew().run(() -> {
            var lockedPackage = packageEdits
                    .lock(cache.id(), target.ecosystem(), target.normalized())
                    .orElseThrow(() -> notFound(target));
            check.accept(packages.findPublished(cache, target.ecosystem(), target.normalized())
                    .orElseThrow(() -> notFound(target)));
            if (stars.set(lockedPackage, person.id(), target.starred())) {
                var object = (target.starred() ? "star " : "unstar ") + target.ecosystem() + " " + target.normalized();
                audit.recordDone(new AuditEvent(Optional.of(cache.id()), cache.name(), "star", object));
            }
        });
    }

    private static ProblemException notFound(StarRequest target) {
        return Problem.notFound("package", target.normalized());
    }
}
