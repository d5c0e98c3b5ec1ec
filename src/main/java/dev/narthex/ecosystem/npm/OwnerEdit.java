package dev.narthex.ecosystem.npm;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.narthex.problem.Problem;
import dev.narthex.spi.Memberships;
import dev.narthex.spi.Memberships.RegistryMember;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The change that {@code npm owner add} and {@code rm} request (npm/cli lib/commands/owner.js): they send the new list of owners.
 * Packages have no owners here; the maintainers of the cache are their owners. An added owner becomes a maintainer of the cache,
 * and a removed one ceases to be a member.
 */
record OwnerEdit(Set<String> newOwners) {
    static final String LIST = "maintainers";
    private static final String ROLE = "maintainer";

    /** Limited because each name is looked up. */
    private static final int MAX_ADDED = 20;

    /** Whether the document is a list of owners rather than a full document. */
    static boolean isOwnerEdit(ObjectNode body) {
        return body.has(LIST) && !body.has("versions");
    }

    /** @throws dev.narthex.problem.ProblemException Malformed if it is not a list of people with names */
    static OwnerEdit of(ObjectNode body) {
        var list = body.path(LIST);
        if (!list.isArray()) {
            throw Problem.malformed(LIST, "", "send a list of people, each with its name.");
        }
        var names = new LinkedHashSet<String>();
        for (JsonNode person : list) {
            names.add(NpmJson.text(person, "name"));
        }
        if (names.size() > Memberships.MOST) {
            throw Problem.tooLarge(LIST, "A list of owners has at most " + Memberships.MOST + " people.");
        }
        return new OwnerEdit(names);
    }

    static List<String> names(List<RegistryMember> members) {
        return members.stream()
                .filter(RegistryMember::maintains)
                .map(RegistryMember::name)
                .toList();
    }

    List<String> added(List<RegistryMember> now) {
        var here = Set.copyOf(names(now));
        return newOwners.stream().filter(name -> !here.contains(name)).toList();
    }

    List<RegistryMember> removed(List<RegistryMember> now) {
        return now.stream()
                .filter(member -> member.maintains() && !newOwners.contains(member.name()))
                .toList();
    }

    /** Returns the new role of each member whose role changes; an empty role ends the membership. */
    Map<String, Optional<String>> roles(List<RegistryMember> now) {
        var roles = new LinkedHashMap<String, Optional<String>>();
        var added = added(now);
        if (added.size() > MAX_ADDED) {
            throw Problem.tooLarge(LIST, "At most " + MAX_ADDED + " owners are added at once.");
        }
        added.forEach(name -> roles.put(name, Optional.of(ROLE)));
        removed(now).forEach(member -> roles.put(member.name(), Optional.empty()));
        return roles;
    }
}
