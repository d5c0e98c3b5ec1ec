package dev.narthex.spi;

import java.util.List;

/**
 * Lists the install scripts of releases. An optional ability of an {@link Ecosystem}, for ecosystems whose clients run code of a
 * package while they install it.
 */
public interface InstallScripts {
    /** Returns the steps in execution order; empty if clients run nothing. */
    List<Step> steps(ReleaseInfo release);

    /**
     * @param name the ecosystem's term, such as {@code postinstall}
     * @param command the shell command, on one line; empty if the step is not a command
     */
    record Step(String name, String command) {}
}
