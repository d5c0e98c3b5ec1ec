package dev.narthex.catalog;

import dev.narthex.spi.ReleaseView;
import java.util.Optional;

/**
 * A release with what leads it.
 *
 * @param publishedBy who published or pushed it, as the principal was named then; empty if it is not recorded
 * @param mainPath hash part of the leading artifact's store path, see {@link Lead}
 */
public record LedRelease(ReleaseView view, Optional<String> publishedBy, String mainPath) {}
