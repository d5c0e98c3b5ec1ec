package dev.narthex.web.view;

import java.util.List;

/** The caches that the reader may see. */
public record CachesView(Pages pages, List<CacheLine> caches) implements View {}
