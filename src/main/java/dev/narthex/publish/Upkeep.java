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
 * Withdraws, restores and removes released versions, for all ecosystems, whether or not their clients have a command for it. All
 * changes are idempotent.
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
     * Returns a release that the request's principal may maintain.
     *
     * @param name package name in any spelling
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

    /** A release to change. It may not exist. */
    public final class Served {
        private final OneRelease of;

        private Served(OneRelease of) {
            this.of = of;
        }

        /**
         * Returns how the ecosystem names its form of withdrawal, such as yank or deprecate.
         *
         * @throws ProblemException NotFound if the ecosystem has no withdrawal
         */
        public Withdrawal words() {
            var ecosystem = of.ecosystem();
            return ecosystem
                    .withdrawal()
                    .orElseThrow(() -> new Problem.NotFound("act", "withdraw from " + ecosystem.title()).asException());
        }

        /**
         * Withdraws the release, or changes the reason of its withdrawal.
         *
         * @return whether anything changed
         * @throws ProblemException NotFound; Malformed if the reason is too long, or missing although it is required
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

        /** Reverts the withdrawal. Returns whether anything changed. */
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
         * Removes the release permanently. Its file names are never reused for other bytes.
         *
         * @param reason shown to those who request the release; may be empty
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

        /** Returns the text for the audit log and for messages. */
        @Override
        public String toString() {
            return of.toString();
        }
    }
}
