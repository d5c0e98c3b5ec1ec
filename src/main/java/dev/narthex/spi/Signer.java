package dev.narthex.spi;

import java.util.List;

/** Signs what a registry says of its files: ECDSA on P-256 with SHA-256. */
public interface Signer {
    /** Each as SubjectPublicKeyInfo in DER, newest first: the first one signs, the others did. */
    List<byte[]> publicKeys();

    /** In DER; the same for the same text, so that answers that are made again stay the same. */
    byte[] sign(String text);
}
