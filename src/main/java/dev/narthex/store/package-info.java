/**
 * Stores NARs. {@link dev.narthex.store.NarStore#stage} parses, hashes and chunks a NAR in one pass while it streams in. Each chunk
 * becomes a zstd frame in a pack, and database rows record which frames make up which NAR. Bytes are durable before any row
 * refers to them.
 *
 * <p>{@link dev.narthex.store.PendingUploads} records NARs that arrived before their narinfo, {@link
 * dev.narthex.store.upkeep.StoreSweeper} deletes
 * unreferenced NARs and packs, and {@link dev.narthex.store.upkeep.StoreScrubber} verifies stored bytes. This package knows
 * NARs and bytes,
 * but no packages, users or protocols.
 */
@NullMarked
package dev.narthex.store;

import org.jspecify.annotations.NullMarked;
