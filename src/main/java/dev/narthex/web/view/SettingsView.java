package dev.narthex.web.view;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A cache as its owners and maintainers see it.
 *
 * @param owner whether the reader may change it; else he only sees it
 * @param limits whether he may change its limits too
 * @param key what its forms carry; programs have neither, nor what became of one
 * @param deleted until when it can come back, if it is deleted; then nothing else is shown
 * @param upstreamKeyNames one a line
 * @param nextKey name of the key that would be made next
 * @param more where the next members are, if there are more
 */
public record SettingsView(
        String name,
        boolean owner,
        boolean limits,
        @JsonIgnore String key,
        @JsonIgnore Told told,
        Optional<Instant> deleted,
        String summary,
        boolean open,
        boolean automatic,
        String priority,
        String upstreamKeyNames,
        List<KeyLine> keys,
        String nextKey,
        List<MemberLine> members,
        Optional<Integer> more,
        Trust trust,
        Keeping keeping,
        Space space) {
    /** @param state "signing", "retired", or "known" if there is no secret */
    public record KeyLine(String name, String publicKey, String state, Instant since) {
        public boolean signing() {
            return state.equals("signing");
        }

        public boolean retired() {
            return state.equals("retired");
        }
    }

    /**
     * @param field of the form that has his role; it says what the role was when the page was made
     * @param group whether it is all of a group
     * @param you whether it is the reader
     * @param lastOwner whether nobody else owns the cache
     */
    public record MemberLine(String field, String name, boolean group, String role, boolean you, boolean lastOwner) {}

    /**
     * Who publishes from CI without a stored secret.
     *
     * @param issuers among which one may choose; none if no admin has named any
     * @param audience for whom runs ask for ID tokens
     */
    public record Trust(List<RuleLine> rules, List<String> issuers, List<EcosystemName> ecosystems, String audience) {}

    /**
     * @param packages empty for all
     * @param claims as {@code name = value}
     * @param broken why it grants nothing; empty if it does
     */
    public record RuleLine(
            long id,
            String ecosystem,
            String packages,
            String issuer,
            List<String> claims,
            Instant since,
            String broken) {}

    /**
     * What is kept.
     *
     * @param days how old what nothing keeps may be, as text; empty if everything is kept for ever, as the others
     * @param versions of each package
     * @param downloadedDays in which something was fetched
     * @param collections the last ones, newest first
     * @param morePins whether there are more than are listed
     */
    public record Keeping(
            String days,
            String versions,
            String downloadedDays,
            List<Collected> collections,
            List<PinLine> pins,
            boolean morePins) {}

    /** @param ended absent while it runs */
    public record Collected(Instant started, Optional<Instant> ended, long paths, long bytes, long releases) {}

    /**
     * @param packages of all ecosystems
     * @param used NAR bytes of all paths, each counted in full
     * @param quota as text, empty for none; as the next, of bytes a minute
     * @param gauge of its quota; empty without one
     */
    public record Space(
            long paths,
            long packages,
            long used,
            Optional<Long> quotaBytes,
            String quota,
            Optional<Long> rateBytes,
            String rate,
            Optional<Gauge> gauge) {}

    public String url() {
        return Urls.cache(name) + "/settings";
    }

    /** "yes" or "no", as the field says whether everyone may read. */
    public String openChoice() {
        return told.value("read", "public", open ? "yes" : "no");
    }

    /** "automatic" or "proposed". */
    public String policyChoice() {
        return told.value("releases", "policy", automatic ? "automatic" : "proposed");
    }

    public boolean severalKeys() {
        return keys.stream().filter(KeyLine::signing).count() > 1;
    }

    /** The one that signs and was made first, which goes first. */
    public String oldestKey() {
        return keys.stream()
                .filter(KeyLine::signing)
                .findFirst()
                .map(KeyLine::name)
                .orElse("");
    }
}
