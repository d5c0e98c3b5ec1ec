package dev.narthex.spi;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * The members of a cache and their roles, for clients that show and change them. A cache has one list of members, which applies
 * to all packages of all ecosystems. Every method checks the permissions of the request's principal before it looks anything up.
 */
public interface Memberships {
    /** Maximum number of listed members. */
    int MOST = 1000;

    /** Used in place of a package name: all packages of the ecosystem. */
    String ALL = "";

    /** Lists the roles, lowest first; each includes the permissions of those before it. */
    List<String> roles();

    /**
     * Lists all members in the order in which they joined. Requires the right to maintain this package.
     *
     * @param normalized of a package, which need not exist, or {@link #ALL}
     * @throws dev.narthex.problem.ProblemException Unauthorized, Forbidden or NotFound; TooLarge for more than {@link #MOST}
     */
    List<RegistryMember> list(String cache, String ecosystem, String normalized);

    /** Like {@link #list}, but empty instead of an error if the caller may not see the members. */
    Optional<List<RegistryMember>> listIfVisible(String cache, String ecosystem, String normalized);

    /**
     * @param name name that clients use; for a group {@code group}, a space and the identity provider's name of the group
     * @param publishes whether the member may publish versions of packages
     * @param maintains whether the member may also tag, withdraw and remove versions
     */
    record RegistryMember(String name, boolean group, String role, boolean publishes, boolean maintains) {}

    /**
     * Returns the permissions of a user on all packages of an ecosystem in this cache. Everyone may query their own permissions;
     * those of others require the right to see members.
     *
     * @throws dev.narthex.problem.ProblemException as {@link #list}; NotFound for an unknown user
     */
    PackageRight rightsOf(String cache, String ecosystem, String who);

    /** Returns the caller's permissions. */
    PackageRight rightsOf(String cache, String ecosystem);

    /** Permissions on packages. */
    enum PackageRight {
        NOTHING,
        READ,
        PUBLISH
    }

    /**
     * Finds a user. Allowed to those who may add members, and to everyone for themselves.
     *
     * @param who name or e-mail address
     * @throws dev.narthex.problem.ProblemException Unauthorized, Forbidden or NotFound; Mismatch if no user or more than one
     *     matches
     */
    Person person(String cache, String who);

    /**
     * @param name name that clients use
     * @param email empty unless the caller is this person
     */
    record Person(String name, String email) {}

    /**
     * Returns an editor for the members of the whole cache.
     *
     * @throws dev.narthex.problem.ProblemException Unauthorized, Forbidden or NotFound
     */
    MembershipEditor edit(String cache);

    /**
     * Changes members of one cache, within the caller's permissions. Every change is recorded in the audit log under the caller's
     * name.
     */
    interface MembershipEditor {
        /** Number of members. */
        int size();

        /**
         * Assigns and removes roles, all or nothing.
         *
         * @param decide receives the current members, which cannot change meanwhile, and returns the new role for each name or
         *     e-mail address to change; an empty role removes the member
         * @throws dev.narthex.problem.ProblemException any exception of {@code decide}; Mismatch for an unknown user; Conflict if
         *     no owner would remain
         */
        void change(Function<List<RegistryMember>, Map<String, Optional<String>>> decide);
    }
}
