package dev.narthex.web.view;

import java.time.Instant;

/**
 * A report of damaged bytes in the store.
 *
 * @param name file or path that cannot be served
 * @param found time of the check that found the damage
 * @param command repairs it when run on a machine whose Nix store has the path
 */
public record Damage(String name, Instant found, String command) {}
