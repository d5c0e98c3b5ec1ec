package dev.narthex.access;

import static io.restassured.RestAssured.given;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.narthex.TestDatabase;
import dev.narthex.access.support.AccessFixture;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Many invalid credentials from one address, which also has honest clients. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
@TestProfile(FailedLoginThrottleTest.Few.class)
class FailedLoginThrottleTest {
    /** Three failures per minute, behind a proxy. */
    public static class Few implements QuarkusTestProfile {
        @Override
        public Map<String, String> getConfigOverrides() {
            return Map.of(
                    "narthex.invalid-credentials-per-minute", "3",
                    "quarkus.http.proxy.proxy-address-forwarding", "true");
        }
    }

    @Inject
    AccessFixture people;

    private static Response get(String address, String token) {
        return given().header("X-Forwarded-For", address)
                .header("Authorization", "Bearer " + token)
                .get("/registry/main/pypi/simple/");
    }

    @Test
    void failedLoginsAreThrottledWithoutAffectingOthers() {
        var honest = people.token(Optional.empty(), AccessFixture.everything());
        for (int i = 0; i < 3; i++) {
            assertEquals(401, get("198.51.100.7", "nrx_wrong").statusCode());
        }
        get("198.51.100.7", "nrx_wrong").then().statusCode(429).header("Retry-After", "60");
        assertEquals(200, get("198.51.100.7", honest).statusCode());
        given().header("X-Forwarded-For", "198.51.100.7")
                .get("/main/nix-cache-info")
                .then()
                .statusCode(200);
        assertEquals(401, get("198.51.100.8", "nrx_wrong").statusCode());
    }
}
