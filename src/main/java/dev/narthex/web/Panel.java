package dev.narthex.web;

import dev.narthex.web.view.EcosystemName;

/**
 * What stands behind one door of a cache page.
 *
 * @param label of the door
 * @param html from {@code templates/setup}, safe
 */
public record Panel(EcosystemName ecosystem, String label, String html) {}
