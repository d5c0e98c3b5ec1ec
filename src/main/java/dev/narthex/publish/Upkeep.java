package dev.narthex.publish;

import dev.narthex.access.Access;
import dev.narthex.access.Action;
import dev.narthex.problem.Problem;
import dev.narthex.problem.ProblemException;
import dev.narthex.spi.Cache;
import dev.narthex.spi.Ecosystem;
import dev.narthex.spi.PackageEdit;
import dev.narthex.spi.PackageView;
import dev.narthex.spi.ReleaseView;
import dev.narthex.spi.Withdrawal;
import io.quarkus.arc.All;
import io.quarkus.logging.Log;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Optional;
import java.util.function.BiPredicate;

/**
 * What maintainers change about a release that is served, the same for every ecosystem and whether or not its clients have a
 * command for it. Can be repeated: what is so already stays as it is.
 */
@ApplicationScoped
public class Upkeep {
    private static final int LONGEST_REASON = 1000;

    private final Access access;
    private final Editing editing;
    private final List<Ecosystem> ecosystems;

    Upkeep(Access access, Editing editing, @All List<Ecosystem> ecosystems) {
        this.access = access;
        this.editing = editing;
        this.ecosystems = ecosystems;
    }

    /**
     * One version of a package, for whoever may maintain that.
     *
     * @param name in any spelling
     * @throws ProblemException Unauthorized, Forbidden, NotFound
     */
    public Served require(String cache, String ecosystem, String name, String version) {
        var found = Ecosystem.named(ecosystems, ecosystem);
        var normalised = found.map(each -> each.normalise(name)).orElse(name);
        var allowed = access.require(Action.MAINTAIN, cache, ecosystem, normalised);
        return new Served(
                allowed,
                found.orElseThrow(() -> new Problem.NotFound("registry", ecosystem).asException()),
                normalised,
                version);
    }

    /** A release that may be there. */
    public final class Served {
        private final Cache cache;
        private final Ecosystem ecosystem;
        private final String normalised;
        private final String version;

        private Served(Cache cache, Ecosystem ecosystem, String normalised, String version) {
            this.cache = cache;
            this.ecosystem = ecosystem;
            this.normalised = normalised;
            this.version = version;
        }

        /** @throws ProblemException NotFound if the ecosystem knows no such thing */
        public Withdrawal words() {
            return ecosystem
                    .withdrawal()
                    .orElseThrow(() -> new Problem.NotFound("act", "withdraw from " + ecosystem.title()).asException());
        }

        /**
         * Takes it back, for a reason or for another one than before.
         *
         * @return whether anything was changed
         * @throws ProblemException NotFound, Malformed if the reason is too long or has to be given
         */
        public boolean withdraw(String reason) {
            var words = words();
            var plain = reason.strip();
            boolean odd = plain.length() > LONGEST_REASON || plain.chars().anyMatch(Character::isISOControl);
            if (odd || (plain.isEmpty() && words.needsReason())) {
                throw new Problem.Malformed(
                                "reason", plain, "give one line of at most " + LONGEST_REASON + " characters.")
                        .asException();
            }
            return change((release, edit) -> {
                if (plain.equals(release.withdrawals().get(words.kind()))) {
                    return false;
                }
                edit.withdraw(version, words.kind(), Optional.of(plain));
                return true;
            });
        }

        /** Lets it stand again. Returns whether anything was changed. */
        public boolean restore() {
            var kind = words().kind();
            return change((release, edit) -> {
                if (!release.withdrawals().containsKey(kind)) {
                    return false;
                }
                edit.withdraw(version, kind, Optional.empty());
                return true;
            });
        }

        /**
         * Removes it for good: its file names never stand for other bytes.
         *
         * @throws ProblemException NotFound
         */
        public void remove() {
            change((release, edit) -> {
                edit.remove(version);
                return true;
            });
            Log.infof("removed %s %s", cache.name(), this);
        }

        private boolean change(BiPredicate<ReleaseView, PackageEdit> how) {
            var changed = new boolean[1];
            editing.change(
                    cache,
                    ecosystem.id(),
                    normalised,
                    access.principal(),
                    (now, edit) -> changed[0] = how.test(release(now), edit));
            return changed[0];
        }

        private ReleaseView release(PackageView now) {
            return now.releases().stream()
                    .filter(release -> release.version().equals(version))
                    .findFirst()
                    .orElseThrow(() -> new Problem.NotFound("version", normalised + " " + version).asException());
        }

        /** As in the audit and in sentences. */
        @Override
        public String toString() {
            return ecosystem.id() + " " + normalised + "@" + version;
        }
    }
}
