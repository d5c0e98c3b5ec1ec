package dev.narthex.web.view;

import java.util.List;
import java.util.Optional;

/** @param shown the open cache whose set-up lines the page gives */
public record HomeView(Optional<SetUp> shown, List<Hit> newest, List<Hit> mostDepended, List<CacheLine> caches)
        implements View {}
