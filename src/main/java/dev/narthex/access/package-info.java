/**
 * Authentication, authorization and audit. {@link dev.narthex.access.Access} decides what a principal may do; protocol adapters
 * only translate credentials and errors. {@link dev.narthex.access.Tokens} manages the credentials of programs,
 * {@link dev.narthex.access.AuditLog} records who did what. The instance key and the filter of raw paths are here too, since they
 * concern secrets and hostile requests. Accesses caches only through {@code spi.Caches}.
 */
@NullMarked
package dev.narthex.access;

import org.jspecify.annotations.NullMarked;
