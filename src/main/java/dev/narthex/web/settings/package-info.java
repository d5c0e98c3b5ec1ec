/**
 * Settings pages of a cache.
 */
@NullMarked
package dev.narthex.web.settings;

import org.jspecify.annotations.NullMarked;
