package dev.narthex.publish;

import dev.narthex.access.Access;
import dev.narthex.access.Action;
import dev.narthex.access.Audit;
import dev.narthex.access.Audit.Act;
import dev.narthex.access.PersonNames;
import dev.narthex.access.Principal;
import dev.narthex.catalog.PackageEdits;
import dev.narthex.catalog.Packages;
import dev.narthex.catalog.Stars;
import dev.narthex.problem.Problem;
import dev.narthex.problem.ProblemException;
import dev.narthex.spi.Cache;
import dev.narthex.spi.PackageView;
import dev.narthex.spi.Registries.Starred;
import dev.narthex.spi.Registry;
import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** Stars: packages marked by people as favorites. Stores them by person and shows display names. */
@ApplicationScoped
class Starring {
    private final Access access;
    private final Packages packages;
    private final PackageEdits edits;
    private final Stars stars;
    private final PersonNames names;
    private final Audit audit;

    Starring(Access access, Packages packages, PackageEdits edits, Stars stars, PersonNames names, Audit audit) {
        this.access = access;
        this.packages = packages;
        this.edits = edits;
        this.stars = stars;
        this.names = names;
        this.audit = audit;
    }

    List<String> of(Cache cache, String ecosystem, String normalised) {
        return names.of(stars.of(cache.id(), ecosystem, normalised, Registry.MOST_STARS));
    }

    List<String> by(Cache cache, String ecosystem, String who) {
        return access.person()
                .filter(person -> person.login().equals(who))
                .map(Principal.Person::id)
                .or(() -> names.find(who))
                .map(id -> stars.by(cache.id(), ecosystem, id, Registry.MOST_STARS))
                .orElse(List.of());
    }

    void star(Starred of, Consumer<PackageView> check) {
        var person = access.requireMark(of.cache(), of.ecosystem(), of.normalised());
        var cache = access.require(Action.READ, of.cache());
        QuarkusTransaction.requiringNew().run(() -> {
            var locked = edits.lock(cache.id(), of.ecosystem(), of.normalised()).orElseThrow(() -> absent(of));
            check.accept(packages.served(cache, of.ecosystem(), of.normalised()).orElseThrow(() -> absent(of)));
            if (stars.set(locked, person.id(), of.starred())) {
                var object = (of.starred() ? "star " : "unstar ") + of.ecosystem() + " " + of.normalised();
                audit.done(new Act(Optional.of(cache.id()), cache.name(), "star", object));
            }
        });
    }

    private static ProblemException absent(Starred of) {
        return new Problem.NotFound("package", of.normalised()).asException();
    }
}
