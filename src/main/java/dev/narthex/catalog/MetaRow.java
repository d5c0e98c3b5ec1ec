package dev.narthex.catalog;

/**
 * A row of {@code nix-env -qaP --json --meta} for one of its outputs.
 *
 * @param hashPart of the output's path
 * @param attribute the key of the row
 * @param json the row itself, a JSON object
 */
public record MetaRow(String hashPart, String attribute, String json) {}
