/**
 * The publish pipeline. {@link dev.narthex.publish.PathPublisher} combines an uploaded NAR with its narinfo and adds the path to a
 * cache, in one transaction with references, change log entry and recognition job. {@link
 * dev.narthex.publish.recognize.ReleaseRecognition} then
 * finds the releases in the path, and {@link dev.narthex.publish.recognize.TreeTranscoding} makes derived files from its
 * trees. Proposed releases wait
 * for {@link dev.narthex.publish.registry.ReleaseReview}. Implements {@code spi.Registries}; registry documents are cached by
 * {@link dev.narthex.publish.registry.DocumentCache}, and whole responses by {@link dev.narthex.publish.registry.ResponseCache}.
 */
@NullMarked
package dev.narthex.publish;

import org.jspecify.annotations.NullMarked;
