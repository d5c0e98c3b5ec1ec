package dev.narthex.web.release;

import static io.restassured.RestAssured.given;

import dev.narthex.access.Action;
import dev.narthex.access.NamePattern;
import dev.narthex.access.Role;
import dev.narthex.access.Scope;
import dev.narthex.access.support.AccessFixture;
import dev.narthex.nix.StorePath;
import dev.narthex.publish.recognize.ReleaseRecognition;
import dev.narthex.spi.Cache;
import dev.narthex.web.support.PortalFixture;
import io.restassured.response.Response;
import io.restassured.response.ValidatableResponse;
import jakarta.inject.Inject;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;

/** A cache with a pusher who may not publish, and a maintainer. */
abstract class ProposedReleasesSetup {
    static int caches;

    @Inject
    AccessFixture people;

    @Inject
    ReleaseRecognition recognition;

    Cache cache;
    PortalFixture pusher;
    String maintainer;

    @BeforeEach
    void aCacheOfItsOwn() {
        cache = people.cache("proposals-" + ++caches, true);
        var pushes = Scope.of(List.of(NamePattern.ALL), Set.of(Action.PUSH));
        pusher = new PortalFixture(cache.name(), recognition, people.token(Optional.empty(), pushes));
        maintainer = member(Role.MAINTAINER);
    }

    String member(Role role) {
        long person = people.person(false);
        people.member(cache, person, role);
        return people.token(person);
    }

    static byte[] lantern(String version, String says) {
        return PortalFixture.tarball(
                "package.json",
                "{\"name\":\"lantern\",\"version\":\"" + version + "\",\"description\":\"" + says
                        + "\",\"dependencies\":{\"" + says + "\":\"^1.0.0\"}}");
    }

    StorePath push(String as, byte[] tarball) {
        return pusher.put(PortalFixture.path(cache.name() + as), PortalFixture.file(tarball), Optional.empty());
    }

    Response decide(String token, String release, String act, String body) {
        return given().header("Authorization", "Bearer " + token)
                .contentType("application/json")
                .urlEncodingEnabled(false)
                .body(body)
                .post("/_api/v1/" + cache.name() + "/releases/" + release + "/" + act);
    }

    ValidatableResponse promote(StorePath path) {
        return decide(maintainer, "npm/lantern@1.0.0", "promote", "{\"path\":\"" + path.hash() + "\"}")
                .then();
    }

    ValidatableResponse page(String below) {
        return given().accept("text/html").get("/" + cache.name() + below).then();
    }

    ValidatableResponse twin(String below) {
        return given().get("/api/" + cache.name() + below).then();
    }

    ValidatableResponse packument(String name) {
        return given().urlEncodingEnabled(false)
                .get("/registry/" + cache.name() + "/npm/" + name)
                .then();
    }
}
