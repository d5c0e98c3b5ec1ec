package dev.narthex.ecosystem.npm;

import dev.narthex.problem.Problem;
import dev.narthex.problem.ProblemException;
import dev.narthex.spi.Memberships;
import dev.narthex.spi.Memberships.Listed;
import dev.narthex.spi.Registries;
import dev.narthex.spi.Registry;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * What npm calls organisations and teams (npm/cli workspaces: libnpmorg, libnpmteam, libnpmaccess). A registry has one
 * organisation, which is its cache, and four teams, which are the roles of that, such as {@code harbour:maintainers}.
 * So a team holds whoever has just this role, and nobody is in two.
 */
@Singleton
class Crew {
    private static final String TEAM = "s";

    private static final String PUBLISHER = "publisher";

    /** Most packages that one answer names. */
    private static final int MOST_PACKAGES = 10_000;

    /** The roles that npm knows, and those of ours that may as much. */
    private static final Map<String, String> ROLES = Map.of("developer", PUBLISHER, "admin", "maintainer");

    private final Registries registries;
    private final Memberships memberships;
    private final String url;

    Crew(Registries registries, Memberships memberships, @ConfigProperty(name = "narthex.url") String url) {
        this.registries = registries;
        this.memberships = memberships;
        this.url = url;
    }

    /**
     * The registry, if it is that of this organisation.
     *
     * @throws ProblemException Unauthorized or NotFound
     */
    Registry of(String cache, String organisation) {
        var registry = registries.read(cache);
        if (!organisation.equals(cache)) {
            throw new Problem.NotFound("organisation", organisation).asException();
        }
        return registry;
    }

    List<String> teams(String cache) {
        return memberships.roles().stream()
                .map(role -> cache + ":" + role + TEAM)
                .toList();
    }

    /** @throws ProblemException NotFound if there is no such team */
    String role(String cache, String team) {
        return memberships.roles().stream()
                .filter(role -> team.equals(role + TEAM))
                .findFirst()
                .orElseThrow(() -> new Problem.NotFound("team", cache + ":" + team).asException());
    }

    /** Ours for a word of npm's, or for one of ours. */
    String meant(String role) {
        var ours = ROLES.getOrDefault(role, role);
        if (!memberships.roles().contains(ours)) {
            throw new Problem.Malformed(
                            "role",
                            role,
                            "the roles are developer, admin and owner, and those of this cache: "
                                    + String.join(", ", memberships.roles()) + ".")
                    .asException();
        }
        return ours;
    }

    /** What whoever has this role may do to packages. */
    Memberships.May may(String role) {
        var roles = memberships.roles();
        return roles.indexOf(role) < roles.indexOf(PUBLISHER) ? Memberships.May.READ : Memberships.May.PUBLISH;
    }

    List<Listed> members(String cache) {
        return memberships.list(cache, NpmEcosystem.ID, Memberships.ALL);
    }

    /**
     * Gives somebody a role in the place of any that he had. Whoever asks may change members, as {@code editor} shows.
     */
    void put(Memberships.Editor editor, String cache, String who, String role) {
        editor.change(now -> Map.of(person(now, cache, who), Optional.of(role)));
    }

    /**
     * Takes somebody's membership.
     *
     * @param role that he must have; empty for any
     * @throws ProblemException NotFound if he has it not
     */
    void remove(Memberships.Editor editor, String cache, String who, Optional<String> role) {
        editor.change(now -> {
            var name = person(now, cache, who);
            var member = named(now, name)
                    .filter(one ->
                            role.filter(other -> !other.equals(one.role())).isEmpty());
            if (member.isEmpty()) {
                throw new Problem.NotFound(role.map(one -> one + " of " + cache).orElse("member of " + cache), who)
                        .asException();
            }
            return Map.of(name, Optional.empty());
        });
    }

    /** What he is called; npm knows no groups, and would take one for a person of that name. */
    private String person(List<Listed> now, String cache, String who) {
        var member = named(now, who);
        member.filter(Listed::group).ifPresent(group -> {
            throw group(cache, group);
        });
        return member.map(Listed::name)
                .orElseGet(() -> memberships.person(cache, who).name());
    }

    private static Optional<Listed> named(List<Listed> now, String name) {
        return now.stream().filter(one -> one.name().equals(name)).findFirst();
    }

    ProblemException group(String cache, Listed group) {
        return new Problem.Forbidden("What the " + group.name() + " may is changed on a page: " + settings(cache) + ".")
                .asException();
    }

    /** Where a person sees and changes what is told and refused here. */
    String settings(String cache) {
        return url + "/" + cache + "/settings";
    }

    /** All packages, each with what somebody may do to it, in npm's words. */
    Map<String, String> packages(Registry registry, Memberships.May may) {
        return switch (may) {
            case NOTHING -> Map.of();
            case READ -> packages(registry, word(false));
            case PUBLISH -> packages(registry, word(true));
        };
    }

    private static Map<String, String> packages(Registry registry, String permission) {
        var names = registry.names(NpmEcosystem.ID, "", MOST_PACKAGES + 1);
        if (names.size() > MOST_PACKAGES) {
            throw new Problem.TooLarge(
                            "packages",
                            "More than " + MOST_PACKAGES
                                    + " packages are not listed at once; npm search finds them, and "
                                    + registry.baseUrl() + "/"
                                    + registry.cache().name() + "/npm lists them.")
                    .asException();
        }
        return sorted(names, Registry.PackageName::name, name -> permission);
    }

    /** Who is what, in words that npm prints as they are. */
    static Map<String, String> roster(List<Listed> members) {
        return sorted(members, Listed::name, Listed::role);
    }

    /** Who may what with every package. */
    static Map<String, String> permissions(List<Listed> members) {
        return sorted(members, Listed::name, member -> word(member.publishes()));
    }

    private static <T> Map<String, String> sorted(List<T> all, Function<T, String> name, Function<T, String> what) {
        return all.stream().collect(Collectors.toMap(name, what, (one, other) -> one, TreeMap::new));
    }

    private static String word(boolean writes) {
        return writes ? "write" : "read";
    }
}
