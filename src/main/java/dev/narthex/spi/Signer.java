package dev.narthex.spi;

import java.util.List;

/** Signs registry metadata with ECDSA on P-256 with SHA-256. */
public interface Signer {
    /** Public keys as SubjectPublicKeyInfo in DER, newest first. The first one signs; the others are retired and only verify. */
    List<byte[]> publicKeys();

    /** Returns the signature in DER. It is deterministic, so that regenerated responses do not change. */
    byte[] sign(String text);
}
