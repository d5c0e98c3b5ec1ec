/**
 * What can go wrong for a caller. {@link dev.narthex.problem.Problem} is sealed, one record for each kind; it is thrown as
 * {@link dev.narthex.problem.ProblemException} and rendered once, by the face that was asked, in the words of its clients
 * ({@link dev.narthex.problem.ProblemFace}). Knows no other package.
 */
@NullMarked
package dev.narthex.problem;

import org.jspecify.annotations.NullMarked;
