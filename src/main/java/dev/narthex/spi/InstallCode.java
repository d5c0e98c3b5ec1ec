package dev.narthex.spi;

import java.util.List;

/** Of an ecosystem that knows what its clients run of a release while they install it. An ability of an {@link Ecosystem}. */
public interface InstallCode {
    /** In the order in which it is run; empty if a client runs nothing. */
    List<Step> runs(ReleaseView release);

    /**
     * @param name as the ecosystem calls it, such as {@code postinstall}
     * @param command on one line, as a shell is given it; empty if it is no command
     */
    record Step(String name, String command) {}
}
