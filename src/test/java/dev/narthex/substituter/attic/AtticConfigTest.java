package dev.narthex.substituter.attic;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.startsWith;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.narthex.TestDatabase;
import dev.narthex.access.support.AccessFixture;
import dev.narthex.nix.SecretKey;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import jakarta.inject.Inject;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.microprofile.config.ConfigProvider;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Requests of attic's client to manage caches, and their responses. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class AtticConfigTest {
    private static final AtomicInteger NUMBERS = new AtomicInteger();

    /** As sent by {@code attic cache create}. */
    private static final String NEW = """
            {"keypair":%s,"is_public":false,"store_dir":"/nix/store","priority":41,"upstream_cache_key_names":["cache.nixos.org-1"]}""";

    @Inject
    AccessFixture people;

    private String token;
    private String name;

    @BeforeEach
    void aPerson() {
        token = people.token(people.person(false));
        name = "attic-config-" + NUMBERS.incrementAndGet();
    }

    /** The client writes the scheme in lower case. */
    private RequestSpecification client() {
        return given().header("Authorization", "bearer " + token).header("Content-Type", "application/json");
    }

    private String address() {
        return "/_api/v1/cache-config/" + name;
    }

    private Response create(String keypair) {
        return client().body(NEW.formatted(keypair)).post(address());
    }

    private Response configure(String body) {
        return client().body(body).patch(address());
    }

    private Response info() {
        return client().get(address());
    }

    private static void refused(Response answer, int status, String error) {
        answer.then()
                .statusCode(status)
                .contentType(startsWith("application/json"))
                .body("code", equalTo(status))
                .body("error", equalTo(error))
                .body("message", not(equalTo("")));
    }

    @Test
    void cacheIsCreatedConfiguredAndDestroyed() {
        var created = create("\"Generate\"");
        created.then().statusCode(200);
        assertEquals("", created.asString());
        var key = info().path("public_key").toString();
        var url = ConfigProvider.getConfig().getValue("narthex.url", String.class);
        assertEquals(
                ("{\"substituter_endpoint\":\"%1$s/%2$s\",\"api_endpoint\":\"%1$s/\",\"is_public\":false,"
                                + "\"store_dir\":\"/nix/store\",\"priority\":41,"
                                + "\"upstream_cache_key_names\":[\"cache.nixos.org-1\"],"
                                + "\"retention_period\":\"Global\",\"public_key\":\"%3$s\"}")
                        .formatted(url, name, key),
                info().asString());
        var configured = configure("{\"is_public\":true,\"priority\":30,\"retention_period\":{\"Period\":3600},"
                + "\"upstream_cache_key_names\":[\"\"],\"keypair\":null,\"public_key\":\"x:y\",\"store_dir\":null}");
        configured.then().statusCode(200);
        assertEquals("", configured.asString());
        given().get(address())
                .then()
                .statusCode(200)
                .body("is_public", equalTo(true))
                .body("priority", equalTo(30))
                .body("retention_period.Period", equalTo(3600))
                .body("upstream_cache_key_names[0]", equalTo(""))
                .body("public_key", equalTo(key));
        configure("{\"retention_period\":\"Global\"}").then().statusCode(200);
        info().then().body("retention_period", equalTo("Global"));
        client().delete(address()).then().statusCode(200).body(equalTo(""));
        refused(info(), 410, "NoSuchCache");
        refused(create("\"Generate\""), 400, "CacheAlreadyExists");
    }

    @Test
    void newKeySignsBesideTheOldOne() {
        create("\"Generate\"").then().statusCode(200);
        configure("{\"keypair\":\"Generate\"}").then().statusCode(200);
        info().then().body("public_key", startsWith(name + "-2:"));
        client().get("/api/" + name).then().body("publicKeys.size()", equalTo(2));
    }

    @Test
    void cacheIsCreatedWithAnExistingKey() {
        var key = SecretKey.generate("team");
        create("{\"Keypair\":\"" + key.export() + "\"}").then().statusCode(200);
        info().then().body("public_key", equalTo(key.publicKey().toString()));
        var other = SecretKey.generate("other");
        configure("{\"keypair\":{\"Keypair\":\"" + other.export() + "\"}}")
                .then()
                .statusCode(200);
        info().then().body("public_key", equalTo(other.publicKey().toString()));
        refused(configure("{\"keypair\":{\"Keypair\":\"" + other.export() + "\"}}"), 400, "RequestError");
        var secret = other.export().substring("other:".length(), 80);
        var broken = create("{\"Keypair\":\"broken:" + secret + "\"}");
        refused(broken, 400, "RequestError");
        assertFalse(broken.asString().contains(secret.substring(0, 20)), broken.asString());
    }

    @Test
    void existingNameIsRefused() {
        create("\"Generate\"").then().statusCode(200);
        refused(create("\"Generate\""), 400, "CacheAlreadyExists");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "keypair | 'Other'",
                "keypair | {}",
                "keypair | {'Keypair': 'no key'}",
                "priority | 'x'",
                "priority | -1",
                "store_dir | '/gnu/store'",
                "is_public | {}",
                "upstream_cache_key_names | 'x'",
                "upstream_cache_key_names | [null]",
                "retention_period | 'Never'",
                "retention_period | {'Period': -1}",
                "retention_period | {'Period': 2147483648}",
                "retention_period | {'Period': 1.5}",
                "unknown | 1",
            })
    void invalidConfigurationIsRefused(String member, String value) {
        create("\"Generate\"").then().statusCode(200);
        refused(configure("{\"" + member + "\":" + value.replace('\'', '"') + "}"), 400, "RequestError");
        info().then().body("priority", equalTo(41)).body("retention_period", equalTo("Global"));
    }

    @Test
    void newCacheNeedsEveryMember() {
        for (var member : new String[] {"keypair", "is_public", "store_dir", "priority", "upstream_cache_key_names"}) {
            var body = NEW.formatted("\"Generate\"").replace("\"" + member + "\"", "\"left_out\"");
            var answer = client().body(body).post(address());
            refused(answer, 400, "RequestError");
            answer.then().body("message", containsString(member));
        }
        configure("{}").then().statusCode(404);
        for (var body : new String[] {"", "[]", "null", "{", "3"}) {
            refused(client().body(body).post(address()), 400, "RequestError");
        }
    }

    @Test
    void emptyChangeIsRefused() {
        create("\"Generate\"").then().statusCode(200);
        var answer = configure("{\"public_key\":\"x:y\"}");
        refused(answer, 400, "RequestError");
        answer.then().body("message", containsString("No modifiable fields were set."));
    }

    @Test
    void unauthorizedRequestIsRefusedInAtticsFormat() {
        create("\"Generate\"").then().statusCode(200);
        refused(given().body(NEW.formatted("\"Generate\"")).post("/_api/v1/cache-config/x"), 401, "Unauthorized");
        refused(given().delete(address()), 401, "Unauthorized");
        token = people.token(people.person(false));
        refused(info(), 404, "NoSuchCache");
        refused(configure("{\"is_public\":true}"), 404, "NoSuchCache");
        refused(client().delete(address()), 404, "NoSuchCache");
    }
}
