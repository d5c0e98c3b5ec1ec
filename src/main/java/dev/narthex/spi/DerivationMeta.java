package dev.narthex.spi;

import java.util.List;

/**
 * The {@code meta} of a derivation, read leniently: every field may be missing or malformed. Strings are untrusted text.
 *
 * @param attribute attribute path, such as {@code npm.lodash}
 * @param licences SPDX ids where known, otherwise the given names
 * @param maintainers names
 * @param json the meta object as it was sent
 */
public record DerivationMeta(
        String attribute,
        String name,
        String pname,
        String version,
        String system,
        String description,
        String longDescription,
        List<String> homepages,
        List<String> licences,
        List<String> maintainers,
        List<String> vulnerabilities,
        String mainProgram,
        String changelog,
        String json) {
    public DerivationMeta {
        homepages = List.copyOf(homepages);
        licences = List.copyOf(licences);
        maintainers = List.copyOf(maintainers);
        vulnerabilities = List.copyOf(vulnerabilities);
    }
}
