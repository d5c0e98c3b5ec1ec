package dev.narthex.spi;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * Who is what in a cache, for clients that show and change it. A cache has one list of members, which holds for all
 * packages in it, whatever their ecosystem. Judges the right of the request's principal before anything is looked up.
 */
public interface Memberships {
    /** No more members are listed. */
    int MOST = 1000;

    /** In the place of a package's name: all of the ecosystem. */
    String ALL = "";

    /** What one can be, the lowest first; each may all that those before it may. */
    List<String> roles();

    /**
     * All members, in the order in which they came, for whoever may maintain this package.
     *
     * @param normalised of a package, which need not be there, or {@link #ALL}
     * @throws dev.narthex.problem.ProblemException Unauthorized, Forbidden or NotFound; TooLarge for more than {@link
     *     #MOST}
     */
    List<Listed> list(String cache, String ecosystem, String normalised);

    /** The same for an answer that may go without it; empty for whoever may not be told. */
    Optional<List<Listed>> shown(String cache, String ecosystem, String normalised);

    /**
     * @param name as clients call him; of a group the name that the identity provider gives it, after {@code group} and
     *     a space
     * @param publishes whether he may send versions of packages
     * @param maintains whether he may tag, withdraw and remove them, too
     */
    record Listed(String name, boolean group, String role, boolean publishes, boolean maintains) {}

    /**
     * What somebody may do to all packages of an ecosystem here. Everybody may ask for himself, for others whoever may
     * be told of members.
     *
     * @throws dev.narthex.problem.ProblemException as {@link #list}, NotFound for somebody whom nobody knows here
     */
    May may(String cache, String ecosystem, String who);

    /** As of the caller himself. */
    May may(String cache, String ecosystem);

    /** What one may do to packages. */
    enum May {
        NOTHING,
        READ,
        PUBLISH
    }

    /**
     * Somebody, for whoever might make him a member, and for himself.
     *
     * @param who what he is called, or his e-mail address
     * @throws dev.narthex.problem.ProblemException Unauthorized, Forbidden or NotFound; Mismatch if it is nobody, or
     *     not one
     */
    Person person(String cache, String who);

    /**
     * @param name as clients call him
     * @param email empty unless he himself asks
     */
    record Person(String name, String email) {}

    /**
     * For changing who is what, in the whole cache.
     *
     * @throws dev.narthex.problem.ProblemException Unauthorized, Forbidden or NotFound
     */
    Editor edit(String cache);

    /**
     * Members of one cache, as far as the caller may change them. Whatever is changed is in the audit, under his name.
     */
    interface Editor {
        /** How many members there are. */
        int size();

        /**
         * Gives and takes roles, all or none.
         *
         * @param decide sees members as they are while nobody else changes them, and tells for some names, or
         *     addresses, the role that they are to have; none for those who are to be no members any more
         * @throws dev.narthex.problem.ProblemException whatever {@code decide} throws; Mismatch if somebody is not
         *     known, Conflict for the last owner
         */
        void change(Function<List<Listed>, Map<String, Optional<String>>> decide);
    }
}
