/**
 * Finds releases in store paths by asking every ecosystem, and builds the derived files of trees.
 */
@NullMarked
package dev.narthex.publish.recognize;

import org.jspecify.annotations.NullMarked;
