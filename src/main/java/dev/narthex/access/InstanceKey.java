package dev.narthex.access;

import dev.narthex.spi.SecretWrapper;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Optional;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * The instance key, which wraps secrets in the database (AES-256-GCM, the nonce is prepended). It is kept outside the database, so
 * that a copy of the database alone cannot sign anything. All replicas share it.
 */
@Singleton
class InstanceKey implements SecretWrapper {
    private static final int KEY_BYTES = 32;
    private static final int NONCE_BYTES = 12;
    private static final int TAG_BITS = 128;

    private final SecretKeySpec key;
    private final SecureRandom random = new SecureRandom();

    /** @param configured base64 of 32 bytes; if empty, the key is read from the data folder and created there on the first start */
    InstanceKey(
            @ConfigProperty(name = "narthex.instance-key") Optional<String> configured,
            @ConfigProperty(name = "narthex.data") Path data)
            throws IOException {
        this.key = new SecretKeySpec(decoded(configured.isPresent() ? configured.get() : fromFile(data)), "AES");
    }

    private static byte[] decoded(String text) {
        try {
            var bytes = Base64.getDecoder().decode(text.strip());
            if (bytes.length == KEY_BYTES) {
                return bytes;
            }
        } catch (IllegalArgumentException e) {
            // Reported below, without the exception: its message may contain the secret.
        }
        throw new IllegalStateException("The instance key, in the file instance.key of the data folder or in"
                + " NARTHEX_INSTANCE_KEY, must be base64 of " + KEY_BYTES + " bytes.");
    }

    /** The file appears atomically with its full content, so that processes that start at the same time use the same key. */
    private static String fromFile(Path data) throws IOException {
        var file = data.resolve("instance.key");
        if (!Files.exists(file)) {
            var fresh = new byte[KEY_BYTES];
            new SecureRandom().nextBytes(fresh);
            Files.createDirectories(data);
            var made = Files.createTempFile(
                    data,
                    "instance",
                    ".key",
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            try {
                Files.writeString(made, Base64.getEncoder().encodeToString(fresh));
                Files.createLink(file, made);
            } catch (FileAlreadyExistsException e) {
                // Another process created it first.
            } finally {
                Files.delete(made);
            }
        }
        return Files.readString(file);
    }

    @Override
    public byte[] wrap(byte[] secret) {
        var nonce = new byte[NONCE_BYTES];
        random.nextBytes(nonce);
        var sealed = run(Cipher.ENCRYPT_MODE, nonce, secret);
        return ByteBuffer.allocate(NONCE_BYTES + sealed.length)
                .put(nonce)
                .put(sealed)
                .array();
    }

    @Override
    public byte[] unwrap(byte[] wrapped) {
        var nonce = new byte[NONCE_BYTES];
        var sealed = new byte[wrapped.length - NONCE_BYTES];
        ByteBuffer.wrap(wrapped).get(nonce).get(sealed);
        return run(Cipher.DECRYPT_MODE, nonce, sealed);
    }

    /** Derives a key for this purpose, the same on all replicas. */
    byte[] derive(String purpose) {
        try {
            var mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key.getEncoded(), "HmacSHA256"));
            return mac.doFinal(purpose.getBytes(StandardCharsets.UTF_8));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private byte[] run(int mode, byte[] nonce, byte[] input) {
        try {
            var cipher = Cipher.getInstance("AES/GCM/NoPadding");
            cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce));
            return cipher.doFinal(input);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(
                    "A secret in the database was wrapped with another instance key: restore <data>/instance.key.", e);
        }
    }
}
