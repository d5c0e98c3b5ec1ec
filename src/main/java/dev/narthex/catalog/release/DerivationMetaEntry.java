package dev.narthex.catalog.release;

/**
 * A row of {@code nix-env -qaP --json --meta}, for one output.
 *
 * @param hashPart of the output path
 * @param attribute the key of the row
 * @param json the row, a JSON object
 */
public record DerivationMetaEntry(String hashPart, String attribute, String json) {}
