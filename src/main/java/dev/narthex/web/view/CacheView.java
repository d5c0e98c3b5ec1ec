package dev.narthex.web.view;

import java.util.List;

/**
 * The page of a cache: how to use it and what it contains.
 *
 * @param substituter substituter and push URL for nix
 * @param publicKeys keys that sign its narinfos, in the format of nix.conf
 * @param narBytes sum of the NAR sizes of all paths, in bytes
 */
public record CacheView(
        String name,
        String summary,
        boolean open,
        String substituter,
        List<String> publicKeys,
        long paths,
        long narBytes,
        List<EcosystemLine> ecosystems,
        List<Hit> newest,
        List<StoreItem> newestPaths)
        implements View {
    /** The packages of one ecosystem in this cache. */
    public record EcosystemLine(String url, EcosystemName ecosystem, long packages) {}

    public boolean empty() {
        return paths == 0;
    }

    public long packages() {
        return ecosystems.stream().mapToLong(EcosystemLine::packages).sum();
    }
}
