package dev.narthex.admin;

import dev.narthex.access.Access;
import dev.narthex.admin.CacheListing.ListedCache;
import dev.narthex.catalog.cache.CacheDeletion;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.sql.DataSource;

/** Lists all caches for instance admins; one statement per page. */
@ApplicationScoped
public class AdminCaches {
    private static final int PAGE_SIZE = 50;
    private static final int MAX_OWNERS = 3;

    private static final String CACHES = """
            select c.name, c.public, c.quota_bytes, c.deleted_at, c.removed_at, coalesce(u.bytes, 0) as bytes,
              (select count(*) from package p where p.cache_id = c.id and p.default_release is not null) as packages,
              array(select coalesce(o.name, m.group_name, '') from membership m left join person o on o.id = m.person_id
                where m.cache_id = c.id and m.role = 'owner' order by m.id limit ?) as owners
            from cache c left join cache_usage u on u.cache_id = c.id order by c.name collate "C" limit ? offset ?""";

    private final DataSource database;
    private final Access access;

    AdminCaches(DataSource database, Access access) {
        this.database = database;
        this.access = access;
    }

    /** @param offset number of caches to skip */
    public CacheListing list(int offset) {
        access.requireAdmin();
        try (var connection = database.getConnection();
                var select = connection.prepareStatement(CACHES)) {
            select.setInt(1, MAX_OWNERS + 1);
            select.setInt(2, PAGE_SIZE + 1);
            select.setInt(3, offset);
            var lines = new ArrayList<ListedCache>();
            try (var row = select.executeQuery()) {
                while (row.next()) {
                    lines.add(toLine(row));
                }
            }
            boolean hasMore = lines.size() > PAGE_SIZE;
            return new CacheListing(
                    List.copyOf(hasMore ? lines.subList(0, PAGE_SIZE) : lines),
                    hasMore ? Optional.of(offset + PAGE_SIZE) : Optional.empty());
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static ListedCache toLine(ResultSet row) throws SQLException {
        var owners = List.of((String[]) row.getArray("owners").getArray());
        return new ListedCache(
                row.getString("name"),
                row.getBoolean("public"),
                owners.subList(0, Math.min(MAX_OWNERS, owners.size())),
                owners.size() > MAX_OWNERS,
                row.getLong("packages"),
                row.getLong("bytes"),
                Optional.ofNullable(row.getObject("quota_bytes", Long.class)),
                AdminJobs.instant(row, "deleted_at").map(deletedAt -> deletedAt.plus(CacheDeletion.GRACE)),
                row.getObject("removed_at") != null);
    }
}
