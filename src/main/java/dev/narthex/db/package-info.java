/** Plain JDBC access with named parameters, for queries and updates that bypass the entities. */
@NullMarked
package dev.narthex.db;

import org.jspecify.annotations.NullMarked;
