/**
 * Operations of instance administrators and cache owners. Each operation checks the permission, runs in one transaction and
 * writes an audit entry. Pages and the JSON API call it, so both have the same rules.
 */
@NullMarked
package dev.narthex.admin;

import org.jspecify.annotations.NullMarked;
