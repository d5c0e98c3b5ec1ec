/**
 * The store's bytes in a bucket of Amazon S3 or of a server that speaks its protocol. Of such a server is asked what all of
 * them do: PUT, multipart uploads, ranges, HEAD, DELETE, and Content-MD5; no checksums of other kinds, no conditions, no tags.
 */
@NullMarked
package dev.narthex.store.s3;

import org.jspecify.annotations.NullMarked;
