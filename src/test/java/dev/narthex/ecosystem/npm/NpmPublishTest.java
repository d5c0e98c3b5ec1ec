package dev.narthex.ecosystem.npm;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.nullValue;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.narthex.TestDatabase;
import dev.narthex.access.Action;
import dev.narthex.access.NamePattern;
import dev.narthex.access.Role;
import dev.narthex.access.Scope;
import dev.narthex.nix.ContentAddress;
import dev.narthex.nix.HashAlgorithm;
import dev.narthex.nix.NixHash;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import io.restassured.config.DecoderConfig;
import java.nio.charset.StandardCharsets;
import java.security.KeyFactory;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Publishes are accepted completely, or refused with a message and no effect. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class NpmPublishTest extends NpmPublishSetup {

    /** Both formats have the same ETag without Accept-Encoding, from the endpoint and from the cache. */
    @Test
    void unchangedAbbreviatedPackumentIsAnsweredWith304() {
        put(PublishRequestFixture.of("hatch", "1.0.0", Map.of("package/README.md", "A hatch. ".repeat(300))));
        var plainly =
                RestAssured.config().decoderConfig(DecoderConfig.decoderConfig().noContentDecoders());
        var packed = given().config(plainly).header("Accept-Encoding", "gzip").get(at("hatch"));
        assertEquals("gzip", packed.header("Content-Encoding"));
        for (int i = 0; i < 3; i++) {
            var kept = given().config(plainly)
                    .header("If-None-Match", packed.header("ETag"))
                    .get(at("hatch"));
            assertEquals(304, kept.statusCode());
            assertEquals(packed.header("ETag"), kept.header("ETag"));
            given().config(plainly)
                    .header("Accept-Encoding", "identity")
                    .header("If-None-Match", packed.header("ETag"))
                    .get(at("hatch"))
                    .then()
                    .statusCode(200);
            given().config(plainly).get(at("hatch")).then().statusCode(200).header("Content-Encoding", nullValue());
        }
    }

    @Test
    void publishedVersionIsServedUnchanged() {
        var sending = PublishRequestFixture.of("@boat/oar", "1.0.0", Map.of("package/README.md", "# Oar\n"));
        put(sending).then().statusCode(201).body("success", equalTo(true));
        var packument = given().urlEncodingEnabled(false).get(at("@boat%2foar"));
        packument
                .then()
                .statusCode(200)
                .body("dist-tags.latest", equalTo("1.0.0"))
                .body("versions.'1.0.0'.dependencies.mast", equalTo("^1.0.0"))
                .body(
                        "versions.'1.0.0'.dist.integrity",
                        equalTo(sending.manifest()
                                .path("dist")
                                .path("integrity")
                                .asText()))
                .body("readme", equalTo("# Oar\n"));
        assertArrayEquals(
                sending.tarball,
                given().get(at("@boat/oar/-/oar-1.0.0.tgz"))
                        .then()
                        .statusCode(200)
                        .extract()
                        .asByteArray());
        assertEquals(1, count("package where owned and normalized = '@boat/oar' and cache_id = " + cache.id()));
        assertEquals(
                List.of("person:" + publisher),
                people.column("select regexp_replace(actor, ':[^:]*$', '') from audit where cache_id = " + cache.id()
                        + " and action = 'publish' and allowed and object = 'npm @boat/oar@1.0.0'"));
    }

    /** Named like a fetcher of nixpkgs would, by either digest; nix accepts it without a signature. */
    @Test
    void tarballHasTwoStorePathsAndIsStoredOnce() {
        var sending = PublishRequestFixture.of("oar", "1.0.0");
        put(sending).then().statusCode(201);
        for (var algorithm : List.of(HashAlgorithm.SHA512, HashAlgorithm.SHA256)) {
            var address = new ContentAddress.Fixed(
                    false, NixHash.of(algorithm, algorithm.newDigest().digest(sending.tarball)));
            given().get("/" + cache.name() + "/"
                            + address.storePath("oar-1.0.0.tgz").hash() + ".narinfo")
                    .then()
                    .statusCode(200)
                    .body(containsString("CA: " + address));
        }
        assertEquals(2, count("path where origin = 'published' and cache_id = " + cache.id()));
        assertEquals(1, count("(select distinct nar_id from path where cache_id = " + cache.id() + ") n"));
        long bytes = people.number("select bytes from cache_usage where cache_id = " + cache.id());
        assertEquals(112 + (sending.tarball.length + 7) / 8 * 8, bytes);
    }

    @Test
    void repeatedPublishIsIdempotentForTheSameBytesOnly() {
        var sending = PublishRequestFixture.of("oar", "1.0.0");
        put(sending).then().statusCode(201);
        put(sending).then().statusCode(200).body("success", equalTo(true));
        assertEquals(2, count("path where cache_id = " + cache.id()));
        var other = PublishRequestFixture.of("oar", "1.0.0", Map.of("package/more.js", "1"));
        refused(put(other), 403, "You cannot publish over the previously published versions: 1.0.0.");
        assertEquals(2, count("path where cache_id = " + cache.id()));
        assertArrayEquals(
                sending.tarball, given().get(at("oar/-/oar-1.0.0.tgz")).asByteArray());
    }

    @Test
    void removedVersionIsRepublishedWithTheSameBytesOnly() {
        var sending = PublishRequestFixture.of("oar", "1.0.0");
        var digest = NixHash.sha256(sending.tarball).hex();
        people.run("insert into tombstone (cache_id, ecosystem, normalized, version, filename, sha256) values ("
                + cache.id()
                + ", 'npm', 'oar', '1.0.0', 'oar-1.0.0.tgz', '\\x" + digest + "'), (" + cache.id()
                + ", 'npm', 'oar', '1.0.0', '', null)");
        refused(
                put(PublishRequestFixture.of("oar", "1.0.0", Map.of("package/more.js", "1"))),
                403,
                "This version was removed");
        assertEquals(0, kept());
        put(sending).then().statusCode(201);
        given().get(at("oar")).then().statusCode(200).body("versions.keySet()", equalTo(Set.of("1.0.0")));
    }

    /** Verified with the key that the registry publishes; another cache has another key. */
    @Test
    void versionHasAStableSignature() throws Exception {
        put(PublishRequestFixture.of("oar", "1.0.0")).then().statusCode(201);
        var manifest = given().get(at("oar/1.0.0"));
        String text = "oar@1.0.0:" + manifest.path("dist.integrity");
        String signature = manifest.path("dist.signatures[0].sig");
        var keys = given().get(at("-/npm/v1/keys"));
        keys.then()
                .statusCode(200)
                .body("keys.size()", equalTo(1))
                .body("keys[0].keytype", equalTo("ecdsa-sha2-nistp256"))
                .body("keys[0].expires", equalTo(null))
                .body("keys[0].keyid", equalTo(manifest.path("dist.signatures[0].keyid")));
        var verifier = Signature.getInstance("SHA256withECDSA");
        verifier.initVerify(KeyFactory.getInstance("EC")
                .generatePublic(new X509EncodedKeySpec(Base64.getDecoder().decode(keys.<String>path("keys[0].key")))));
        verifier.update(text.getBytes(StandardCharsets.UTF_8));
        assertTrue(verifier.verify(Base64.getDecoder().decode(signature)));
        put(PublishRequestFixture.of("oar", "1.0.1")).then().statusCode(201);
        assertEquals(signature, given().get(at("oar")).path("versions.'1.0.0'.dist.signatures[0].sig"));
        var other = people.cache(cache.name() + "-2", true);
        given().get("/registry/" + other.name() + "/npm/-/npm/v1/keys")
                .then()
                .body("keys[0].key", not(equalTo(keys.<String>path("keys[0].key"))));
    }

    @Test
    void tagOtherThanLatestIsKept() {
        put(PublishRequestFixture.of("oar", "1.0.0")).then().statusCode(201);
        put(PublishRequestFixture.of("oar", "2.0.0-rc.1").with(d -> {
                    ((ObjectNode) d.get("dist-tags")).remove("latest");
                    ((ObjectNode) d.get("dist-tags")).put("next", "2.0.0-rc.1");
                }))
                .then()
                .statusCode(201);
        given().get(at("-/package/oar/dist-tags"))
                .then()
                .body("latest", equalTo("1.0.0"))
                .body("next", equalTo("2.0.0-rc.1"));
    }

    @Test
    void metadataMayComeAfterTheTarball() {
        var sending = PublishRequestFixture.of("oar", "1.0.0").with(d -> {
            var attachments = d.remove("_attachments");
            var rest = d.deepCopy();
            d.removeAll();
            d.set("_attachments", attachments);
            d.setAll(rest);
        });
        assertTrue(sending.body().startsWith("{\"_attachments\""), "the tarball stands first");
        put(sending).then().statusCode(201);
    }

    @Test
    void publishNeedsPermissionForThePackage() {
        var body = PublishRequestFixture.of("@boat/oar", "1.0.0").body();
        var reader = people.person(false);
        people.member(cache, reader, Role.READER);
        var all = List.of(NamePattern.ALL);
        var here = List.of(new NamePattern(cache.name()));
        var publishing = Set.of(Action.PUBLISH);
        var refusedTokens = List.of(
                people.token(reader),
                people.token(people.person(false)),
                scoped(new Scope(false, here, all, List.of(new NamePattern("@ship/*")), publishing)),
                scoped(new Scope(false, here, List.of(new NamePattern("pypi")), all, publishing)),
                scoped(new Scope(false, List.of(new NamePattern("elsewhere")), all, all, publishing)),
                scoped(new Scope(false, here, all, all, Set.of(Action.PUSH))));
        for (var refused : refusedTokens) {
            as(refused).body(body).put(at("@boat%2foar")).then().statusCode(403);
        }
        given().urlEncodingEnabled(false)
                .body(body)
                .put(at("@boat%2foar"))
                .then()
                .statusCode(401);
        as("nrx_wrong").body(body).put(at("@boat%2foar")).then().statusCode(401);
        assertEquals(0, kept());
        as(scoped(new Scope(
                        false, here, List.of(new NamePattern("npm")), List.of(new NamePattern("@boat/*")), publishing)))
                .body(body)
                .put(at("@boat%2foar"))
                .then()
                .statusCode(201);
    }

    private String scoped(Scope scope) {
        return people.token(Optional.of(publisher), scope);
    }
}
