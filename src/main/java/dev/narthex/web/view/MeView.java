package dev.narthex.web.view;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Where somebody stands.
 *
 * @param name as his identity provider gives it
 * @param groups as it names them
 * @param needs what waits for him, what ends first before the rest
 * @param pushes newest first
 * @param mayCreate whether he may make a cache
 */
public record MeView(
        String name,
        boolean admin,
        List<String> groups,
        List<Need> needs,
        List<OwnCache> caches,
        List<Push> pushes,
        boolean mayCreate) {
    /**
     * Something that he should look at.
     *
     * @param text a sentence without its end
     * @param url of the page where something can be done
     * @param act what can be done there
     * @param until when it is too late, if ever
     */
    public record Need(String text, String url, String act, Optional<Instant> until) {}

    /**
     * @param role what he is in it, himself or by a group
     * @param narBytes of all its paths, each counted in full
     * @param gauge of its quota; empty without one
     * @param settings whether he may see its settings
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
            Optional<Gauge> gauge,
            Optional<Instant> lastPush,
            boolean settings) {}

    /**
     * @param object the name of a store path, or what else it was
     * @param url of its page; empty if it has none
     */
    public record Push(Instant at, String cache, String object, Optional<String> url) {}
}
