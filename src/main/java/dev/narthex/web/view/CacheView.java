package dev.narthex.web.view;

import java.util.List;

/**
 * A cache: how to use it, and what is in it.
 *
 * @param substituter address for nix, to read and to push
 * @param publicKeys that sign its answers, as nix.conf takes them
 * @param narBytes sizes of its paths, unpacked, added up
 */
public record CacheView(
        String name,
        String summary,
        boolean open,
        String substituter,
        List<String> publicKeys,
        long paths,
        long narBytes,
        List<Shelf> ecosystems,
        List<Hit> newest,
        List<StoreItem> newestPaths)
        implements View {
    /** The packages of one ecosystem in this cache. */
    public record Shelf(String url, EcosystemName ecosystem, long packages) {}

    public boolean empty() {
        return paths == 0;
    }

    public long packages() {
        return ecosystems.stream().mapToLong(Shelf::packages).sum();
    }
}
