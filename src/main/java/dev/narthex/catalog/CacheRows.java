package dev.narthex.catalog;

import io.quarkus.hibernate.orm.panache.PanacheRepository;
import io.quarkus.panache.common.Page;
import io.quarkus.panache.common.Sort;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Collection;
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
        return find("deletedAt is null and (open or id in ?1)", Sort.by("name"), also)
                .page(Page.ofSize(limit))
                .list();
    }
}
