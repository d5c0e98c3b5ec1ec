/**
 * Bodies of requests and responses. {@link dev.narthex.http.Content} is a byte sequence of known length that can be read
 * from any offset; {@link dev.narthex.http.ContentResponse} sends it as a response with HEAD, ETag, 304, ranges and back-pressure
 * (RFC 9110). All protocol adapters use it. Depends only on {@code problem} and {@code limits}.
 */
@NullMarked
package dev.narthex.http;

import org.jspecify.annotations.NullMarked;
