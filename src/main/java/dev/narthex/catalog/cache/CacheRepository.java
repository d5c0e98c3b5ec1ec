package dev.narthex.catalog.cache;

import io.quarkus.hibernate.orm.panache.PanacheRepository;
import io.quarkus.panache.common.Page;
import io.quarkus.panache.common.Sort;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

@ApplicationScoped
class CacheRepository implements PanacheRepository<CacheEntity> {
    Optional<CacheEntity> findByName(String name) {
        return find("name = ?1", name).firstResultOptional();
    }

    List<CacheEntity> listActive(int limit) {
        return find("deletedAt is null", Sort.by("name"))
                .page(Page.ofSize(limit))
                .list();
    }

    List<CacheEntity> listReadable(Collection<Long> privateIds, int limit) {
        return find(
                        "deletedAt is null and (open or id in ?1) order by case when id in ?1 then 0 else 1 end, name",
                        privateIds)
                .page(Page.ofSize(limit))
                .stream()
                .sorted(Comparator.comparing((CacheEntity row) -> row.name))
                .toList();
    }
}
