/** Statements with named parameters on the database, for what is read and written past the entities. */
@NullMarked
package dev.narthex.sql;

import org.jspecify.annotations.NullMarked;
