/**
 * A registry of notes: a complete, minimal example of an ecosystem. To write another one, copy this package,
 * {@code templates/example} and {@code ExampleEcosystemTest} (or, for a separate jar, a directory in {@code plugins}) and change
 * these parts in order:
 * <ol>
 * <li>{@link dev.narthex.ecosystem.example.Note}: the format, parsed from untrusted bytes.
 * <li>{@link dev.narthex.ecosystem.example.ExampleEcosystem}: which paths have this format, how versions sort, what a page shows.
 * Its id is the URL segment and the name of the template directory.
 * <li>{@link dev.narthex.ecosystem.example.NotesEndpoint}: the read requests of clients.
 * <li>{@link dev.narthex.ecosystem.example.NotesProblemRenderer}: errors in the format that clients expect.
 * <li>{@code templates/example/details.html}: its facts on the page; also {@code setup.html}, if clients need configuration.
 * <li>{@code ExampleEcosystemTest}: a subclass of {@code EcosystemContract} with a few tests.
 * </ol>
 * Ecosystems are discovered by CDI, so no other file needs a change.
 */
@NullMarked
package dev.narthex.ecosystem.example;

import org.jspecify.annotations.NullMarked;
