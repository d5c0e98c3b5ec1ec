package dev.narthex.ecosystem.pypi;

import dev.narthex.spi.Attestation;
import java.util.List;

/**
 * What only PyPI says of a release.
 *
 * @param requiresPython such as {@code >=3.9}; empty if any will do
 * @param tags of its wheels, such as {@code py3-none-any}
 * @param extras that can be asked for
 * @param provenance what was signed about one of its files; empty if nothing is recorded
 */
public record PypiDetails(
        String requiresPython, List<String> tags, List<String> extras, List<Attestation.Line> provenance) {
    public PypiDetails {
        provenance = List.copyOf(provenance);
        tags = List.copyOf(tags);
        extras = List.copyOf(extras);
    }
}
