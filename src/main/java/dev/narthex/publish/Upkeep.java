package dev.narthex.publish;

import dev.narthex.access.Access;
import dev.narthex.problem.Problem;
import dev.narthex.problem.ProblemException;
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
        return new Served(OneRelease.require(access, ecosystems, cache, ecosystem, name, version));
    }

    private static String line(String reason) {
        var plain = reason.strip();
        if (plain.length() > LONGEST_REASON || plain.chars().anyMatch(Character::isISOControl)) {
            throw malformed(plain);
        }
        return plain;
    }

    private static ProblemException malformed(String reason) {
        return new Problem.Malformed("reason", reason, "give one line of at most " + LONGEST_REASON + " characters.")
                .asException();
    }

    /** A release that may be there. */
    public final class Served {
        private final OneRelease of;

        private Served(OneRelease of) {
            this.of = of;
        }

        /** @throws ProblemException NotFound if the ecosystem knows no such thing */
        public Withdrawal words() {
            var ecosystem = of.ecosystem();
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
            var plain = line(reason);
            if (plain.isEmpty() && words.needsReason()) {
                throw malformed(plain);
            }
            return change((release, edit) -> {
                if (plain.equals(release.withdrawals().get(words.kind()))) {
                    return false;
                }
                edit.withdraw(of.version(), words.kind(), Optional.of(plain));
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
                edit.withdraw(of.version(), kind, Optional.empty());
                return true;
            });
        }

        /**
         * Removes it for good: its file names never stand for other bytes.
         *
         * @param reason that is told to whoever comes for it; may be empty
         * @throws ProblemException NotFound, Malformed if the reason is too long
         */
        public void remove(String reason) {
            var plain = line(reason);
            change((release, edit) -> {
                edit.remove(of.version(), plain);
                return true;
            });
            Log.infof("removed %s %s", of.cache().name(), of);
        }

        private boolean change(BiPredicate<ReleaseView, PackageEdit> how) {
            var changed = new boolean[1];
            editing.change(
                    of.cache(),
                    of.ecosystem().id(),
                    of.normalised(),
                    access.principal(),
                    (now, edit) -> changed[0] = how.test(release(now), edit));
            return changed[0];
        }

        private ReleaseView release(PackageView now) {
            return now.releases().stream()
                    .filter(release -> release.version().equals(of.version()))
                    .findFirst()
                    .orElseThrow(of::absent);
        }

        /** As in the audit and in sentences. */
        @Override
        public String toString() {
            return of.toString();
        }
    }
}
