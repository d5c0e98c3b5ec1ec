package dev.narthex.web.page;

import dev.narthex.problem.Problem;
import dev.narthex.spi.Ecosystem;
import dev.narthex.spi.StorePathClient;
import dev.narthex.web.view.EcosystemName;
import io.quarkus.arc.All;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** The installed ecosystems by id. */
@ApplicationScoped
public class InstalledEcosystems {
    private final List<Ecosystem> ecosystems;

    InstalledEcosystems(@All List<Ecosystem> ecosystems) {
        this.ecosystems =
                ecosystems.stream().sorted(Comparator.comparing(Ecosystem::id)).toList();
    }

    public Optional<Ecosystem> find(String id) {
        return Ecosystem.byId(ecosystems, id);
    }

    public Ecosystem require(String id) {
        return find(id).orElseThrow(() -> Problem.notFound("registry", id));
    }

    /** Returns the ecosystem whose client fetches store paths. */
    public Optional<Ecosystem> storePathClient() {
        return ecosystems.stream().filter(StorePathClient.class::isInstance).findFirst();
    }

    /** Returns the display name; the id if the ecosystem is no longer installed. */
    public EcosystemName name(String id) {
        return new EcosystemName(id, find(id).map(Ecosystem::title).orElse(id));
    }

    public List<EcosystemName> names() {
        return ecosystems.stream()
                .map(e -> new EcosystemName(e.id(), e.title()))
                .toList();
    }
}
