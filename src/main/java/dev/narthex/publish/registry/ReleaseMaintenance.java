package dev.narthex.publish.registry;

import dev.narthex.access.Access;
import dev.narthex.problem.Problem;
import dev.narthex.problem.ProblemException;
import dev.narthex.spi.Ecosystem;
import dev.narthex.spi.PackageEdit;
import dev.narthex.spi.PackageInfo;
import dev.narthex.spi.ReleaseInfo;
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
public class ReleaseMaintenance {
    private static final int MAX_REASON_LENGTH = 1000;

    private final Access access;
    private final PackageEditor packageEditor;
    private final List<Ecosystem> ecosystems;

    ReleaseMaintenance(Access access, PackageEditor packageEditor, @All List<Ecosystem> ecosystems) {
        this.access = access;
        this.packageEditor = packageEditor;
        this.ecosystems = ecosystems;
    }

    /**
     * Returns a release that the request's principal may maintain.
     *
     * @param name package name in any spelling
     * @throws ProblemException Unauthorized, Forbidden, NotFound
     */
    public MaintainedRelease require(String cache, String ecosystem, String name, String version) {
        return new MaintainedRelease(ReleaseRef.require(access, ecosystems, cache, ecosystem, name, version));
    }

    private static String requireSingleLine(String reason) {
        var stripped = reason.strip();
        if (stripped.length() > MAX_REASON_LENGTH || stripped.chars().anyMatch(Character::isISOControl)) {
            throw malformed(stripped);
        }
        return stripped;
    }

    private static ProblemException malformed(String reason) {
        return Problem.malformed("reason", reason, "use one line of at most " + MAX_REASON_LENGTH + " characters.");
    }

    /** A release to change. It may not exist. */
    public final class MaintainedRelease {
        private final ReleaseRef ref;

        private MaintainedRelease(ReleaseRef ref) {
            this.ref = ref;
        }

        /**
         * Returns how the ecosystem names its form of withdrawal, such as yank or deprecate.
         *
         * @throws ProblemException NotFound if the ecosystem has no withdrawal
         */
        public Withdrawal withdrawal() {
            var ecosystem = ref.ecosystem();
            return ecosystem
                    .withdrawal()
                    .orElseThrow(() -> Problem.notFound("act", "withdraw from " + ecosystem.title()));
        }

        /**
         * Withdraws the release, or changes the reason of its withdrawal.
         *
         * @return whether anything changed
         * @throws ProblemException NotFound; Malformed if the reason is too long, or missing although it is required
         */
        public boolean withdraw(String reason) {
            var withdrawal = withdrawal();
            var stripped = requireSingleLine(reason);
            if (stripped.isEmpty() && withdrawal.needsReason()) {
                throw malformed(stripped);
            }
            return change((release, edit) -> {
                if (stripped.equals(release.withdrawals().get(withdrawal.kind()))) {
                    return false;
                }
                edit.withdraw(ref.version(), withdrawal.kind(), Optional.of(stripped));
                return true;
            });
        }

        /** Reverts the withdrawal. Returns whether anything changed. */
        public boolean restore() {
            var kind = withdrawal().kind();
            return change((release, edit) -> {
                if (!release.withdrawals().containsKey(kind)) {
                    return false;
                }
                edit.withdraw(ref.version(), kind, Optional.empty());
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
            var stripped = requireSingleLine(reason);
            change((release, edit) -> {
                edit.remove(ref.version(), stripped);
                return true;
            });
            Log.infof("removed %s %s", ref.cache().name(), ref);
        }

        private boolean change(BiPredicate<ReleaseInfo, PackageEdit> action) {
            var changed = new boolean[1];
            packageEditor.change(
                    ref.cache(),
                    ref.ecosystem().id(),
                    ref.normalizedName(),
                    access.principal(),
                    (view, edit) -> changed[0] = action.test(requireRelease(view), edit));
            return changed[0];
        }

        private ReleaseInfo requireRelease(PackageInfo view) {
            return view.releases().stream()
                    .filter(release -> release.version().equals(ref.version()))
                    .findFirst()
                    .orElseThrow(ref::notFound);
        }

        /** Returns the text for the audit log and for messages. */
        @Override
        public String toString() {
            return ref.toString();
        }
    }
}
