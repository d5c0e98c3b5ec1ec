/**
 * Who may do what. {@link dev.narthex.access.Access} is the one decision point; faces only translate credentials and
 * refusals. {@link dev.narthex.access.Tokens} are the credentials of programs, {@link dev.narthex.access.Audit} keeps who did
 * what. Also here, since they are about secrets and hostile requests: the instance key and the filter of raw paths. Knows
 * caches only through {@code spi.Caches}.
 */
@NullMarked
package dev.narthex.access;

import org.jspecify.annotations.NullMarked;
