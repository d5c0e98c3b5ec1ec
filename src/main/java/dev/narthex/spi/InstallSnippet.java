package dev.narthex.spi;

/**
 * A command that a page offers to copy.
 *
 * @param door the client's name, such as "npm" or "Docker"
 * @param command as pasted into a shell; one line
 * @param note a sentence beside it; may be empty
 */
public record InstallSnippet(String door, String command, String note) {}
