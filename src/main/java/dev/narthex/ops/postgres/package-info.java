/**
 * The data folder and the database in it: the embedded PostgreSQL, schema migrations, and access for commands that run without
 * the server.
 */
@NullMarked
package dev.narthex.ops.postgres;

import org.jspecify.annotations.NullMarked;
