package dev.narthex.web.view;

import java.util.List;

/** All packages of one ecosystem in a cache. */
public record ListingView(String cache, EcosystemName ecosystem, String sort, Pages pages, List<Hit> hits)
        implements View {}
