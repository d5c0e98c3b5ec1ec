package dev.narthex.ecosystem.npm;

import dev.narthex.problem.Problem;
import dev.narthex.problem.ProblemException;
import dev.narthex.spi.Memberships;
import dev.narthex.spi.Memberships.RegistryMember;
import dev.narthex.spi.Registry;
import dev.narthex.spi.RegistryProvider;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * Maps a cache's members to npm's organizations and teams (npm/cli workspaces: libnpmorg, libnpmteam, libnpmaccess). A registry
 * has one organization, its cache, and one team for each of the cache's roles, such as {@code harbour:maintainers}. A team
 * contains the members with exactly that role, so nobody is in two teams.
 */
@Singleton
class NpmOrganization {
    private static final String TEAM = "s";

    private static final String PUBLISHER = "publisher";

    /** Maximum number of packages in one response. */
    private static final int MAX_PACKAGES = 10_000;

    /** npm's roles and the cache roles that have the same permissions. */
    private static final Map<String, String> ROLES = Map.of("developer", PUBLISHER, "admin", "maintainer");

    private final RegistryProvider registries;
    private final Memberships memberships;
    private final String url;

    NpmOrganization(
            RegistryProvider registries, Memberships memberships, @ConfigProperty(name = "narthex.url") String url) {
        this.registries = registries;
        this.memberships = memberships;
        this.url = url;
    }

    /**
     * Returns the registry if the organization is its cache.
     *
     * @throws ProblemException Unauthorized or NotFound
     */
    Registry of(String cache, String organization) {
        var registry = registries.read(cache);
        if (!organization.equals(cache)) {
            throw Problem.notFound("organization", organization);
        }
        return registry;
    }

    List<String> teams(String cache) {
        return memberships.roles().stream()
                .map(role -> cache + ":" + role + TEAM)
                .toList();
    }

    /** @throws ProblemException NotFound if the team does not exist */
    String role(String cache, String team) {
        return memberships.roles().stream()
                .filter(role -> team.equals(role + TEAM))
                .findFirst()
                .orElseThrow(() -> Problem.notFound("team", cache + ":" + team));
    }

    /** Converts one of npm's roles to a role of the cache; accepts the cache's own roles too. */
    String toCacheRole(String role) {
        var ours = ROLES.getOrDefault(role, role);
        if (!memberships.roles().contains(ours)) {
            throw Problem.malformed(
                    "role",
                    role,
                    "the roles are developer, admin and owner, and those of this cache: "
                            + String.join(", ", memberships.roles()) + ".");
        }
        return ours;
    }

    /** Returns the permissions on packages that a role includes. */
    Memberships.PackageRight rightsOf(String role) {
        var roles = memberships.roles();
        return roles.indexOf(role) < roles.indexOf(PUBLISHER)
                ? Memberships.PackageRight.READ
                : Memberships.PackageRight.PUBLISH;
    }

    List<RegistryMember> members(String cache) {
        return memberships.list(cache, NpmEcosystem.ID, Memberships.ALL);
    }

    /** Assigns a role to a user, replacing any previous role. The caller's right to change members is proven by {@code editor}. */
    void put(Memberships.MembershipEditor editor, String cache, String who, String role) {
        editor.change(now -> Map.of(person(now, cache, who), Optional.of(role)));
    }

    /**
     * Ends a membership.
     *
     * @param role role that the member must have; empty for any
     * @throws ProblemException NotFound if the user is not a member with this role
     */
    void remove(Memberships.MembershipEditor editor, String cache, String who, Optional<String> role) {
        editor.change(now -> {
            var name = person(now, cache, who);
            var member = findMember(now, name)
                    .filter(one ->
                            role.filter(other -> !other.equals(one.role())).isEmpty());
            if (member.isEmpty()) {
                throw Problem.notFound(role.map(one -> one + " of " + cache).orElse("member of " + cache), who);
            }
            return Map.of(name, Optional.empty());
        });
    }

    /** Returns the member's name. Rejects groups: npm has no groups and would treat one as a person of that name. */
    private String person(List<RegistryMember> now, String cache, String who) {
        var member = findMember(now, who);
        member.filter(RegistryMember::group).ifPresent(group -> {
            throw group(cache, group);
        });
        return member.map(RegistryMember::name)
                .orElseGet(() -> memberships.person(cache, who).name());
    }

    private static Optional<RegistryMember> findMember(List<RegistryMember> now, String name) {
        return now.stream().filter(member -> member.name().equals(name)).findFirst();
    }

    ProblemException group(String cache, RegistryMember group) {
        return Problem.forbidden("What the " + group.name() + " may is changed on a page: " + settings(cache) + ".");
    }

    /** URL of the page where people view and change members. */
    String settings(String cache) {
        return url + "/" + cache + "/settings";
    }

    /** Returns all packages with the given permission, in npm's terms. */
    Map<String, String> packages(Registry registry, Memberships.PackageRight may) {
        return switch (may) {
            case NOTHING -> Map.of();
            case READ -> packages(registry, permissionName(false));
            case PUBLISH -> packages(registry, permissionName(true));
        };
    }

    private static Map<String, String> packages(Registry registry, String permission) {
        var names = registry.names(NpmEcosystem.ID, "", MAX_PACKAGES + 1);
        if (names.size() > MAX_PACKAGES) {
            throw Problem.tooLarge(
                    "packages",
                    "More than " + MAX_PACKAGES
                            + " packages are not listed at once; npm search finds them, and "
                            + registry.baseUrl() + "/"
                            + registry.cache().name() + "/npm lists them.");
        }
        return sorted(names, Registry.PackageName::name, name -> permission);
    }

    /** Returns members with their roles; npm prints both unchanged. */
    static Map<String, String> roster(List<RegistryMember> members) {
        return sorted(members, RegistryMember::name, RegistryMember::role);
    }

    /** Returns members with their permission on every package. */
    static Map<String, String> permissions(List<RegistryMember> members) {
        return sorted(members, RegistryMember::name, member -> permissionName(member.publishes()));
    }

    private static <T> Map<String, String> sorted(List<T> all, Function<T, String> name, Function<T, String> naming) {
        return all.stream().collect(Collectors.toMap(name, naming, (one, other) -> one, TreeMap::new));
    }

    private static String permissionName(boolean writes) {
        return writes ? "write" : "read";
    }
}
