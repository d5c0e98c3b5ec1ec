/**
 * The JSON API for programs, below {@code /_api/v1}: every endpoint with its request and response records. Endpoints parse
 * requests and call the package that owns the data; they contain no business rules. This package does not depend on other
 * protocol adapters.
 */
@NullMarked
package dev.narthex.api;

import org.jspecify.annotations.NullMarked;
