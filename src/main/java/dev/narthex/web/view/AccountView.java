package dev.narthex.web.view;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The start page of a signed-in user.
 *
 * @param name login name from the identity provider
 * @param groups group names from the identity provider
 * @param needs things that need attention; those with a deadline first
 * @param pushes newest first
 * @param mayCreate whether the user may create caches
 */
public record AccountView(
        String name,
        boolean admin,
        List<String> groups,
        List<AttentionItem> needs,
        List<OwnCache> caches,
        List<PushLine> pushes,
        boolean mayCreate) {
    /**
     * Something that needs the user's attention.
     *
     * @param text a sentence without its period
     * @param url URL of the page on which the user can act
     * @param act label of the action
     * @param until deadline, if there is one
     */
    public record AttentionItem(String text, String url, String act, Optional<Instant> until) {}

    /**
     * A cache of the user.
     *
     * @param role the user's role, directly or through a group
     * @param narBytes sum of the NAR sizes of all paths, in bytes
     * @param gauge used share of the quota; empty without a quota
     * @param settings whether the user may see its settings
     */
    public record OwnCache(
            String url,
            String name,
            String summary,
            boolean open,
            String role,
            long packages,
            long paths,
            long narBytes,
            Optional<Long> quotaBytes,
            Optional<QuotaGauge> gauge,
            Optional<Instant> lastPush,
            boolean settings) {}

    /**
     * A recent push.
     *
     * @param object name of the store path or other object
     * @param url URL of its page, if it has one
     */
    public record PushLine(Instant at, String cache, String object, Optional<String> url) {}
}
