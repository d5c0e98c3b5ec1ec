package dev.narthex.web.view;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The settings page of a cache, for its owners and maintainers.
 *
 * @param owner whether the user may change settings; otherwise they are read-only
 * @param limits whether the user may also change quota and rate limit
 * @param key CSRF token of the forms; not in the JSON
 * @param told outcome of the submitted form; not in the JSON
 * @param deleted time until which a deleted cache can be restored; the page then shows only that
 * @param upstreamKeyNames one per line
 * @param nextKey name that the next key would get
 * @param more number of members to skip for the next page, if there is one
 */
public record SettingsView(
        String name,
        boolean owner,
        boolean limits,
        @JsonIgnore String key,
        @JsonIgnore FormOutcome outcome,
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
        TrustedPublisherPanel trust,
        RetentionPanel keeping,
        UsagePanel space) {
    /** @param state "signing", "retired", or "known" if the cache does not have its secret key */
    public record KeyLine(String name, String publicKey, String state, Instant since) {
        public boolean signing() {
            return state.equals("signing");
        }

        public boolean retired() {
            return state.equals("retired");
        }
    }

    /**
     * A member of the cache.
     *
     * @param field name of the form field for the role; contains the role at the time of rendering
     * @param group whether the member is a group
     * @param you whether the member is the current user
     * @param lastOwner whether it is the only owner
     */
    public record MemberLine(String field, String name, boolean group, String role, boolean you, boolean lastOwner) {}

    /**
     * Trusted publishers, which publish from CI without a stored secret.
     *
     * @param issuers issuers to choose from; empty if no admin has configured any
     * @param audience audience that CI runs must request for their ID tokens
     */
    public record TrustedPublisherPanel(
            List<RuleLine> rules, List<String> issuers, List<EcosystemName> ecosystems, String audience) {}

    /**
     * A trusted publisher.
     *
     * @param packages empty for all
     * @param claims as {@code name = value}
     * @param broken why it grants nothing; empty if it is valid
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
     * The retention policy.
     *
     * @param days number of days for which otherwise unprotected paths are kept, as text; empty without a policy
     * @param versions number of versions to keep of each package, as text; empty if unlimited
     * @param downloadedDays number of days for which paths and releases are kept after their last use, as text; empty for the
     *     minimum
     * @param collections recent collections, newest first
     * @param morePins whether there are more pins than listed
     */
    public record RetentionPanel(
            String days,
            String versions,
            String downloadedDays,
            List<GcLine> collections,
            List<PinLine> pins,
            boolean morePins) {}

    /** @param ended absent while it runs */
    public record GcLine(Instant started, Optional<Instant> ended, long paths, long bytes, long releases) {}

    /**
     * Usage and limits.
     *
     * @param packages in all ecosystems
     * @param used sum of the NAR sizes of all paths, in bytes
     * @param quota quota as text; empty if unlimited
     * @param rate upload limit per minute as text; empty if unlimited
     * @param gauge used share of the quota; empty without a quota
     */
    public record UsagePanel(
            long paths,
            long packages,
            long used,
            Optional<Long> quotaBytes,
            String quota,
            Optional<Long> rateBytes,
            String rate,
            Optional<QuotaGauge> gauge) {}

    public String url() {
        return Urls.cache(name) + "/settings";
    }

    /** Returns "yes" or "no", the value of the field for public access. */
    public String openChoice() {
        return outcome.value("read", "public", open ? "yes" : "no");
    }

    /** Returns "automatic" or "proposed". */
    public String policyChoice() {
        return outcome.value("releases", "policy", automatic ? "automatic" : "proposed");
    }

    public boolean severalKeys() {
        return keys.stream().filter(KeyLine::signing).count() > 1;
    }

    /** Returns the name of the oldest signing key, which is the first to be retired; empty if the cache has no signing key. */
    public String oldestKey() {
        return keys.stream()
                .filter(KeyLine::signing)
                .findFirst()
                .map(KeyLine::name)
                .orElse("");
    }
}
