/**
 * A registry of notes, complete and as small as one can be. To begin another, copy this package, {@code templates/example} and
 * {@code ExampleEcosystemTest}, or for a jar of its own a folder in {@code plugins}, and go through them in this order:
 *
 * <ol>
 *   <li>{@link dev.narthex.ecosystem.example.Note}: the format, read from bytes that strangers made.
 *   <li>{@link dev.narthex.ecosystem.example.ExampleEcosystem}: which paths are of this format, how its versions sort, what a
 *       page says. Its id is the segment of addresses and the folder of templates.
 *   <li>{@link dev.narthex.ecosystem.example.NotesEndpoint}: what clients read.
 *   <li>{@link dev.narthex.ecosystem.example.NotesProblemFace}: how they are told that they cannot.
 *   <li>{@code templates/example/details.html}: its lines among the facts on the page; {@code setup.html} beside it, if there
 *       is something to set up.
 *   <li>{@code ExampleEcosystemTest}: a subclass of {@code EcosystemContract} and a few sentences.
 * </ol>
 *
 * It is found by being there: nothing else is edited.
 */
@NullMarked
package dev.narthex.ecosystem.example;

import org.jspecify.annotations.NullMarked;
