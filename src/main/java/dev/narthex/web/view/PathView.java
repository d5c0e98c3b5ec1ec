package dev.narthex.web.view;

import java.time.Instant;
import java.util.List;

/**
 * The overview page of a store path.
 *
 * @param recognizing whether recognition is pending, so that releases in the path are not listed yet
 * @param narHash in nix's notation
 * @param narSize in bytes
 * @param downloadSize of the compressed NAR, in bytes
 * @param contentAddress in nix's notation, or empty
 * @param deriver full path, or empty
 * @param deriverUrl empty if the deriver is not in this cache
 * @param pushedBy empty if not recorded
 * @param references references that are in this cache, largest first
 * @param missing references that are not in this cache
 * @param alsoAs other releases of the projects that the path was recognized as
 * @param notListed packages in the path that cannot be offered to an ecosystem's clients
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
        List<RelatedRelease> alsoAs,
        List<NotOfferedLine> notListed,
        List<Signature> signatures,
        ClosureSizeView closure,
        String command)
        implements View {
    @Override
    public boolean lasting() {
        return !recognizing;
    }

    /**
     * A package that cannot be offered.
     *
     * @param version empty if unknown
     * @param reason a sentence without its period
     */
    public record NotOfferedLine(EcosystemName ecosystem, String name, String version, String reason) {}

    /** @param state "valid", "unknown key" or "bad" */
    public record Signature(String key, String state, boolean cacheKey) {}
}
