package dev.narthex.web.view;

import java.util.List;

/** The list of caches that the user may see. */
public record CachesView(Pages pages, List<CacheLine> caches) implements View {}
