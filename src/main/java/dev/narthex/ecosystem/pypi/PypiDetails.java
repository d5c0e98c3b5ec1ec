package dev.narthex.ecosystem.pypi;

import java.util.List;

/**
 * What only PyPI says of a release.
 *
 * @param requiresPython such as {@code >=3.9}; empty if any will do
 * @param tags of its wheels, such as {@code py3-none-any}
 * @param extras that can be asked for
 */
public record PypiDetails(String requiresPython, List<String> tags, List<String> extras) {
    public PypiDetails {
        tags = List.copyOf(tags);
        extras = List.copyOf(extras);
    }
}
