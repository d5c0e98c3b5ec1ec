/**
 * Bytes on their way out. {@link dev.narthex.content.Content} is a run of bytes of known length that can be read from any
 * offset; {@link dev.narthex.content.Sending} answers a request with it: HEAD, ETag, 304, ranges, back-pressure (RFC 9110).
 * Every face sends through here. Knows no other package but {@code problem}.
 */
@NullMarked
package dev.narthex.content;

import org.jspecify.annotations.NullMarked;
