package dev.narthex.ecosystem.pypi;

import dev.narthex.ecosystem.support.LockedFilesCollector;
import java.util.stream.Collectors;

/** The lockfiles in {@code locks/pypi}, read by the ecosystem, and the names of the files found in them. */
final class PypiLockFixture {
    static final PypiEcosystem PYPI = new PypiEcosystem();
    static final String A = "a".repeat(64);
    static final String LANTERN_WHEEL = "a7fd3b7e4d33046362c4827e485729aae6a9c4f8f7fc006220bc2277c3c20971";
    static final String LANTERN_SDIST = "a13537e3c9859c39f78b91d9304b40836fcceef2fa2281be7558ad4ffddc5055";

    private PypiLockFixture() {}

    static String text(String file) {
        return LockedFilesCollector.text("pypi/" + file);
    }

    static LockedFilesCollector read(String lock) {
        return LockedFilesCollector.of(PYPI, lock);
    }

    static String names(LockedFilesCollector found) {
        return found.choices.stream()
                .map(choice -> choice.getFirst().key() + ": "
                        + choice.stream()
                                .map(file -> file.filename()
                                        .orElseGet(() -> file.hash().hex().substring(0, 4)))
                                .collect(Collectors.joining(" ")))
                .collect(Collectors.joining("\n"));
    }
}
