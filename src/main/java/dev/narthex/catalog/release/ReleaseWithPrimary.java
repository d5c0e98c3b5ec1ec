package dev.narthex.catalog.release;

import dev.narthex.spi.ReleaseInfo;
import java.util.Optional;

/**
 * A release with data of its primary artifact.
 *
 * @param publishedBy name of the principal who published or pushed it, at that time; empty if not recorded
 * @param mainPath hash part of the primary artifact's store path, see {@link PrimaryArtifact}
 */
public record ReleaseWithPrimary(ReleaseInfo view, Optional<String> publishedBy, String mainPath) {}
