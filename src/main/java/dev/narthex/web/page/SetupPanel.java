package dev.narthex.web.page;

import dev.narthex.web.view.EcosystemName;

/**
 * One client's tab on a cache page, or the content of a documentation page.
 *
 * @param label label of the tab
 * @param html safe HTML, rendered from {@code templates/{id}}
 * @param docs URL of the documentation page, or empty
 */
public record SetupPanel(EcosystemName ecosystem, String label, String html, String docs) {}
