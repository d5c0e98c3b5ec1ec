/**
 * Stores packs in a bucket of Amazon S3 or a compatible server. Uses only features that all of them support: PUT, multipart
 * uploads, ranges, HEAD, DELETE and Content-MD5; no other checksums, conditional requests or tags.
 */
@NullMarked
package dev.narthex.store.s3;

import org.jspecify.annotations.NullMarked;
