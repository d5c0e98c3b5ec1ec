package dev.narthex.ecosystem.pypi;

import dev.narthex.spi.Attestation;
import java.util.List;

/**
 * Facts about a release that only PyPI has.
 *
 * @param requiresPython such as {@code >=3.9}; empty if there is no restriction
 * @param tags of its wheels, such as {@code py3-none-any}
 * @param extras names of its optional dependency groups
 * @param provenance lines of the attestation of one of its files; may be empty
 */
public record PypiDetails(
        String requiresPython, List<String> tags, List<String> extras, List<Attestation.DetailLine> provenance) {
    public PypiDetails {
        provenance = List.copyOf(provenance);
        tags = List.copyOf(tags);
        extras = List.copyOf(extras);
    }
}
