/**
 * The publish pipeline. {@link dev.narthex.publish.Publisher} combines an uploaded NAR with its narinfo and adds the path to a
 * cache, in one transaction with references, change log entry and recognition job. {@link dev.narthex.publish.Recognition} then
 * finds the releases in the path, and {@link dev.narthex.publish.Trees} makes derived files from its trees. Proposed releases wait
 * for {@link dev.narthex.publish.Proposals}. Implements {@code spi.Registries}; registry documents are cached by
 * {@link dev.narthex.publish.Documents}, and whole responses by {@link dev.narthex.publish.SentAnswers}.
 */
@NullMarked
package dev.narthex.publish;

import org.jspecify.annotations.NullMarked;
