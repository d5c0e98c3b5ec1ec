/**
 * The job queue and the jobs that maintain a server: checks of stored bytes, moves of packs, and cleanup.
 */
@NullMarked
package dev.narthex.ops.jobs;

import org.jspecify.annotations.NullMarked;
