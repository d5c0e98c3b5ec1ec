/**
 * Pages of instance administrators: caches, people, jobs, storage, audit log.
 */
@NullMarked
package dev.narthex.web.admin;

import org.jspecify.annotations.NullMarked;
