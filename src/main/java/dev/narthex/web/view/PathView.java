package dev.narthex.web.view;

import java.time.Instant;
import java.util.List;

/**
 * A store path: the overview.
 *
 * @param narHash as nix writes it
 * @param recognizing whether the path still waits to be recognized, so that its packages are not listed yet
 * @param narSize in bytes
 * @param downloadSize of the compressed NAR, in bytes
 * @param contentAddress as nix writes it, or empty
 * @param deriver full path, or empty
 * @param deriverUrl empty if the deriver is not in this cache
 * @param pushedBy empty if not recorded
 * @param references present ones, the heaviest first
 * @param missing references that are not in this cache
 * @param alsoAs releases that are the same project as one that the path is
 * @param notListed packages in it that clients of an ecosystem cannot have
 */
public record PathView(
        PathHead head,
        boolean recognizing,
        String narHash,
        long narSize,
        long downloadSize,
        String contentAddress,
        String deriver,
        String deriverUrl,
        String origin,
        Instant pushedAt,
        String pushedBy,
        List<StoreItem> references,
        List<String> missing,
        List<Known> alsoAs,
        List<NotListed> notListed,
        List<Signature> signatures,
        Weight closure,
        String command)
        implements View {
    @Override
    public boolean lasting() {
        return !recognizing;
    }

    /**
     * @param version empty if it is not known
     * @param reason a sentence without a full stop
     */
    public record NotListed(EcosystemName ecosystem, String name, String version, String reason) {}

    /** @param state "valid", "unknown key" or "bad" */
    public record Signature(String key, String state, boolean cacheKey) {}
}
