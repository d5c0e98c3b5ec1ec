package dev.narthex.web.view;

import java.util.List;
import java.util.Optional;

/**
 * @param shown the open cache whose set-up lines the page gives
 * @param held by the caches that the reader may see
 */
public record HomeView(
        Optional<SetUp> shown, Held held, List<Hit> newest, List<Hit> mostDepended, List<CacheLine> caches)
        implements View {

    /**
     * @param caches how many they are
     * @param packages of all ecosystems, with something released
     */
    public record Held(long caches, long packages, long paths) {}
}
