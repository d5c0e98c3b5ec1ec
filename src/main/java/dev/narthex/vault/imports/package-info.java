/**
 * Imports other binary caches: a job copies them path by path, through the same checks as a push. The only package that sends
 * requests to servers named by users, so it must guard against private addresses.
 */
@NullMarked
package dev.narthex.vault.imports;

import org.jspecify.annotations.NullMarked;
