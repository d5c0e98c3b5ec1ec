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
class CacheRows implements PanacheRepository<CacheRow> {
    Optional<CacheRow> named(String name) {
        return find("name = ?1", name).firstResultOptional();
    }

    List<CacheRow> standing(int limit) {
        return find("deletedAt is null", Sort.by("name"))
                .page(Page.ofSize(limit))
                .list();
    }

    List<CacheRow> readable(Collection<Long> also, int limit) {
        return find(
                        "deletedAt is null and (open or id in ?1) order by case when id in ?1 then 0 else 1 end, name",
                        also)
                .page(Page.ofSize(limit))
                .stream()
                .sorted(Comparator.comparing((CacheRow row) -> row.name))
                .toList();
    }
}
