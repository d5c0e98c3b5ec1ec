package dev.narthex.web.view;

import java.util.List;

/** Store paths that refer to a path. */
public record ReferrersView(PathHead head, Pages pages, List<StoreItem> items) implements View {}
