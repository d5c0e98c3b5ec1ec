package dev.narthex.web.view;

import java.time.Instant;
import java.util.Optional;

/**
 * A pin in a list.
 *
 * @param path its page
 * @param until when it ends by itself
 * @param by who made it; empty for those of old
 */
public record PinLine(String name, StoreItem path, String reason, Optional<Instant> until, Instant since, String by) {}
