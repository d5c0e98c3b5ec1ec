/**
 * The protocol adapter for nix: the binary cache protocol at {@code /{cache}}, for reading and writing (NixOS/nix
 * src/libstore/http-binary-cache-store.cc and binary-cache-store.cc). There is one endpoint class per resource: cache info,
 * narinfo, NAR, listing, log, realisations. Errors are plain text, which nix prints to the user. Also has the part of attic's API
 * that attic's clients need to use caches and to push to them. Does not depend on any other protocol adapter.
 */
@NullMarked
package dev.narthex.substituter;

import org.jspecify.annotations.NullMarked;
