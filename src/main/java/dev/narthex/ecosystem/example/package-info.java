/**
 * A registry of notes, complete and as small as one can be: copy it to begin another. {@link
 * dev.narthex.ecosystem.example.ExampleEcosystem} says which paths are notes, {@link
 * dev.narthex.ecosystem.example.NotesEndpoint} is what clients read, {@code templates/example/details.html} is its part of the
 * page, and the tests are one subclass of {@code EcosystemContract} and a few sentences of its own.
 */
@NullMarked
package dev.narthex.ecosystem.example;

import org.jspecify.annotations.NullMarked;
