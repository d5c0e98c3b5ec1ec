package dev.narthex.web.view;

import java.time.Instant;
import java.util.Optional;

/**
 * A pin in a list.
 *
 * @param path the pinned path
 * @param until time at which the pin expires
 * @param by who created it; empty for old pins without this record
 */
public record PinLine(String name, StoreItem path, String reason, Optional<Instant> until, Instant since, String by) {}
