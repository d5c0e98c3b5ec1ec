/**
 * The nix face: the binary cache protocol at {@code /{cache}}, read and write, as nix speaks it (NixOS/nix
 * src/libstore/http-binary-cache-store.cc and binary-cache-store.cc). One endpoint class a thing: cache info, narinfo, NAR,
 * listing, log, realisations. Refusals are plain text, which nix prints to the user. Beside it the part of attic's API by which its clients
 * use caches and push into them. Knows no other face.
 */
@NullMarked
package dev.narthex.substituter;

import org.jspecify.annotations.NullMarked;
