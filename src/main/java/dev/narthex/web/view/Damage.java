package dev.narthex.web.view;

import java.time.Instant;

/**
 * Stored bytes that are damaged.
 *
 * @param name of the file or path that cannot be served
 * @param found when a check found it
 * @param command that repairs it where the path is in a Nix store
 */
public record Damage(String name, Instant found, String command) {}
