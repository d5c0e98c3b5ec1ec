package dev.narthex.web.view;

import java.util.List;

/** The list of caches that the user may see. */
public record CachesView(Pagination pages, List<CacheLine> caches) implements View {}
