package dev.narthex.web.view;

import java.util.List;

/** The referrers of a store path. */
public record ReferrersView(PathHead head, Pagination pages, List<StoreItem> items) implements View {}
