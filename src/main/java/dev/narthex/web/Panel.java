package dev.narthex.web;

import dev.narthex.web.view.EcosystemName;

/**
 * What stands behind one door of a cache page, or on a page of the docs.
 *
 * @param label of the door
 * @param html from {@code templates/{id}}, safe
 * @param docs address of the page that says more; empty if there is none
 */
public record Panel(EcosystemName ecosystem, String label, String html, String docs) {}
