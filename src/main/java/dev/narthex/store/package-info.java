/**
 * Where NARs live. A NAR is parsed, hashed and cut once, while it streams in ({@link dev.narthex.store.Nars#stage}); its
 * chunks are zstd frames in a pack, and rows say which frames make which NAR. Bytes are durable before any row names them.
 * {@link dev.narthex.store.Uploads} remembers what a client sent before its narinfo, {@link dev.narthex.store.Sweep}
 * collects what nobody needs, {@link dev.narthex.store.Scrub} looks whether the rest is still whole. Knows NARs and bytes; knows no packages, no people and no protocol.
 */
@NullMarked
package dev.narthex.store;

import org.jspecify.annotations.NullMarked;
