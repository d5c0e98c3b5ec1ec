/**
 * Errors that are reported to clients. {@link dev.narthex.problem.Problem} is sealed, with one record per kind. It is thrown as
 * {@link dev.narthex.problem.ProblemException} and rendered in one place, in the format of the protocol adapter that handles
 * the request ({@link dev.narthex.problem.ProblemRenderer}). Depends on no other package.
 */
@NullMarked
package dev.narthex.problem;

import org.jspecify.annotations.NullMarked;
