package dev.narthex.ecosystem.support;

import dev.narthex.ecosystem.InTotoStatement;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Signature;
import java.util.Base64;

/** A key with a certificate, like those that a CI build gets to sign statements about its files. */
public final class SigningKeyFixture {
    private static final char[] PASSWORD = "password".toCharArray();

    private final PrivateKey key;
    private final byte[] certificate;

    private SigningKeyFixture(PrivateKey key, byte[] certificate) {
        this.key = key;
        this.certificate = certificate;
    }

    /**
     * @param scratch an empty folder
     * @param identity e-mail address in the certificate
     */
    public static SigningKeyFixture make(Path scratch, String identity) throws Exception {
        var file = scratch.resolve("keys.p12");
        var made = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        "builder",
                        "-keyalg",
                        "EC",
                        "-groupname",
                        "secp256r1",
                        "-dname",
                        "CN=builder",
                        "-ext",
                        "san=uri:" + identity,
                        "-storetype",
                        "PKCS12",
                        "-keystore",
                        file.toString(),
                        "-storepass",
                        new String(PASSWORD))
                .redirectErrorStream(true)
                .start();
        var said = new String(made.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (made.waitFor() != 0) {
            throw new IllegalStateException(said);
        }
        var store = KeyStore.getInstance("PKCS12");
        try (var in = Files.newInputStream(file)) {
            store.load(in, PASSWORD);
        }
        return new SigningKeyFixture(
                (PrivateKey) store.getKey("builder", PASSWORD),
                store.getCertificate("builder").getEncoded());
    }

    public String certificate() {
        return Base64.getEncoder().encodeToString(certificate);
    }

    /** Signature of the envelope with this payload, in base64. */
    public String signature(byte[] payload) throws GeneralSecurityException {
        var signer = Signature.getInstance("SHA256withECDSA");
        signer.initSign(key);
        signer.update(InTotoStatement.encoded(payload));
        return Base64.getEncoder().encodeToString(signer.sign());
    }
}
