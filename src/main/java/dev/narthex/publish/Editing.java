package dev.narthex.publish;

import dev.narthex.access.Action;
import dev.narthex.access.Audit;
import dev.narthex.access.Audit.Act;
import dev.narthex.catalog.PackageEdits;
import dev.narthex.catalog.PackageEdits.Locked;
import dev.narthex.catalog.Packages;
import dev.narthex.problem.Problem;
import dev.narthex.spi.Cache;
import dev.narthex.spi.PackageEdit;
import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Optional;

/** Changes existing packages: tags, withdrawals and removals, each with its audit entry in one transaction. */
@ApplicationScoped
class Editing {
    private final Packages packages;
    private final PackageEdits edits;
    private final Audit audit;

    Editing(Packages packages, PackageEdits edits, Audit audit) {
        this.packages = packages;
        this.edits = edits;
        this.audit = audit;
    }

    /** @param by name of the principal, as {@code Access.principal()} returns it */
    void change(Cache cache, String ecosystem, String normalised, String by, PackageEdit.Changes changes) {
        QuarkusTransaction.requiringNew().run(() -> {
            var locked = edits.lock(cache.id(), ecosystem, normalised).orElseThrow(() -> absent("package", normalised));
            var now = packages.served(cache, ecosystem, normalised).orElseThrow(() -> absent("package", normalised));
            changes.make(now, new One(cache, locked, by));
        });
    }

    private static RuntimeException absent(String what, String name) {
        return new Problem.NotFound(what, name).asException();
    }

    private final class One implements PackageEdit {
        private final Cache cache;
        private final Locked of;
        private final String by;

        One(Cache cache, Locked of, String by) {
            this.cache = cache;
            this.of = of;
            this.by = by;
        }

        @Override
        public void tag(String tag, String version) {
            done(edits.tag(of, tag, version, by), "version", version, "tag " + tag + " of " + base(version));
        }

        @Override
        public void untag(String tag) {
            done(edits.untag(of, tag), "tag", tag, "untag " + tag + " of " + of.ecosystem() + " " + of.normalised());
        }

        @Override
        public void withdraw(String version, String kind, Optional<String> reason) {
            var what = (reason.isPresent() ? "" : "no longer ") + kind + " " + base(version);
            done(edits.withdraw(of, version, kind, reason, by), "version", version, what);
        }

        @Override
        public void remove(String version, String reason) {
            done(edits.remove(of, version, by, reason), "version", version, "remove " + base(version));
        }

        private String base(String version) {
            return of.ecosystem() + " " + of.normalised() + "@" + version;
        }

        private void done(boolean found, String what, String name, String object) {
            if (!found) {
                throw absent(what, name);
            }
            audit.done(Act.in(cache, Action.MAINTAIN, object), by);
        }
    }
}
