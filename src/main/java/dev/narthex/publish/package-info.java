/**
 * The one way in. {@link dev.narthex.publish.Publisher} joins a NAR that lies in the store with what a client says of it and
 * puts the path into a cache, in one transaction with its references, its change number and the job that recognises it.
 * {@link dev.narthex.publish.Recognition} then asks every ecosystem what the path is, and has files made of the trees in it
 * ({@link dev.narthex.publish.Trees}); what is only proposed waits for {@link dev.narthex.publish.Proposals}. Implements
 * {@code spi.Registries}; what registries answer of a package is kept ({@link dev.narthex.publish.Documents}), and sent again
 * without them ({@link dev.narthex.publish.SentAnswers}).
 */
@NullMarked
package dev.narthex.publish;

import org.jspecify.annotations.NullMarked;
