package dev.narthex.web.settings;

import dev.narthex.access.Access;
import dev.narthex.access.Action;
import dev.narthex.access.Member;
import dev.narthex.access.MemberService;
import dev.narthex.access.Role;
import dev.narthex.access.TrustedPublisher;
import dev.narthex.access.TrustedPublisherService;
import dev.narthex.admin.CacheAdministration;
import dev.narthex.catalog.cache.Retention;
import dev.narthex.problem.Problem;
import dev.narthex.retention.GcRequests;
import dev.narthex.retention.PinService;
import dev.narthex.spi.Cache;
import dev.narthex.web.page.SignedInPages;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.core.MultivaluedMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Performs the actions of the settings forms, with the same methods as the API. */
@ApplicationScoped
class SettingsActions {
    /**
     * Name of a role field: the role at the time of rendering, and the person or group. Unchanged fields are ignored, so
     * concurrent changes by others are not reverted.
     */
    private static final Pattern ROLE_FIELD = Pattern.compile("role:([a-z]+):(?:p(\\d{1,18})|g(.+))");

    private static final int MAX_INPUT = 12_000;

    private final Access access;
    private final CacheAdministration cacheAdministration;
    private final MemberService members;
    private final TrustedPublisherService publisherService;
    private final GcRequests gcRequests;
    private final PinService pinning;

    SettingsActions(
            Access access,
            CacheAdministration cacheAdministration,
            MemberService members,
            TrustedPublisherService publisherService,
            GcRequests gcRequests,
            PinService pinning) {
        this.access = access;
        this.cacheAdministration = cacheAdministration;
        this.members = members;
        this.publisherService = publisherService;
        this.gcRequests = gcRequests;
        this.pinning = pinning;
    }

    /**
     * Performs an action.
     *
     * @throws dev.narthex.problem.ProblemException if the form is invalid or the action is forbidden
     */
    void perform(String act, Cache cache, MultivaluedMap<String, String> form) {
        var name = cache.name();
        switch (act) {
            case "summary" -> {
                var summary = text(form, "summary").strip();
                cacheAdministration.configure(name, now -> now.withSummary(summary));
            }
            case "read" -> {
                boolean open = choice(form, "public", "yes", "no");
                cacheAdministration.configure(name, now -> now.withOpen(open));
            }
            case "releases" -> {
                boolean automatic = choice(form, "policy", "automatic", "proposed");
                cacheAdministration.configure(name, now -> now.withAutomatic(automatic));
            }
            case "nix" -> {
                int priority = number(form, "priority");
                var names = Stream.of(text(form, "upstreamKeyNames").split("[\\s,]+"))
                        .filter(one -> !one.isEmpty())
                        .distinct()
                        .toList();
                cacheAdministration.configure(name, now -> now.withOrder(priority, names));
            }
            case "keep" -> setRetention(name, form);
            case "collect" -> gcRequests.order(name);
            case "unpin" -> pinning.remove(name, text(form, "which"));
            case "limits" -> limit(cache, form);
            case "add-member" -> add(requireOwned(name), form);
            case "roles" -> members.change(requireOwned(name), roles(form), access.requireAuthenticated());
            case "add-trust" -> publisherService.add(requireOwned(name), trust(form));
            case "remove-trust" -> publisherService.remove(requireOwned(name), id(form));
            case "add-key" -> cacheAdministration.rotate(name);
            case "retire-key" -> cacheAdministration.setSigning(name, text(form, "which"), false);
            case "sign-key" -> cacheAdministration.setSigning(name, text(form, "which"), true);
            case "destroy-key" -> cacheAdministration.destroyKey(name, text(form, "which"));
            case "delete" -> {
                access.require(Action.DESTROY, name);
                confirm(name, text(form, "confirm"));
                cacheAdministration.delete(name);
            }
            case "undelete" -> cacheAdministration.undelete(name);
            default -> throw malformed("act", act, "unknown form.");
        }
    }

    /** Returns whether the submitted roles take away a person's access to the settings. */
    boolean losesAccess(long person, MultivaluedMap<String, String> form) {
        return Optional.ofNullable(roles(form).get(new Member.Key.Person(person)))
                .filter(role ->
                        role.map(one -> one.compareTo(Role.MAINTAINER) < 0).orElse(true))
                .isPresent();
    }

    /** Sets the retention policy. An empty number of days removes it. */
    private void setRetention(String name, MultivaluedMap<String, String> form) {
        var days = amount(form, "days");
        var versions = amount(form, "versions");
        var downloaded = amount(form, "downloadedDays");
        if (days.isEmpty() && (versions.isPresent() || downloaded.isPresent())) {
            throw malformed(
                    "days",
                    "",
                    "without a number of days everything is kept, and the other two values have no effect.");
        }
        var rules = days.map(period -> Retention.ofDays(period, versions, downloaded))
                .orElse(Retention.NONE);
        cacheAdministration.configure(name, now -> now.withRetention(rules));
    }

    private static Optional<Integer> amount(MultivaluedMap<String, String> form, String field) {
        var given = text(form, field).strip();
        if (!given.matches("\\d{0,9}")) {
            throw malformed(field, given, "enter a number or leave it empty.");
        }
        return given.isEmpty() ? Optional.empty() : Optional.of(Integer.parseInt(given));
    }

    private Cache requireOwned(String name) {
        return access.require(Action.CONFIGURE, name);
    }

    private void limit(Cache cache, MultivaluedMap<String, String> form) {
        access.requireAdmin(Action.CONFIGURE, cache);
        var quota = ByteAmount.parse("quota", text(form, "quota"));
        var rate = ByteAmount.parse("rate", text(form, "rate"));
        cacheAdministration.configure(cache.name(), now -> now.withLimits(quota, rate));
    }

    private void add(Cache cache, MultivaluedMap<String, String> form) {
        var role = role(text(form, "role"));
        var who = text(form, "who").strip();
        if (who.isEmpty()) {
            throw malformed("who", who, "enter a name, an e-mail address or the name of a group.");
        }
        Member.Key member = text(form, "kind").equals("group") ? new Member.Key.Group(who) : members.person(who);
        members.put(cache, member, role, access.requireAuthenticated());
    }

    private static TrustedPublisher.TrustedPublisherRequest trust(MultivaluedMap<String, String> form) {
        return new TrustedPublisher.TrustedPublisherRequest(
                Optional.of(text(form, "ecosystem")),
                Optional.of(text(form, "packages")),
                Optional.of(text(form, "issuer")),
                Optional.of(claims(text(form, "claims"))));
    }

    /** @param lines one claim per line, as {@code name = value} */
    private static Map<String, String> claims(String lines) {
        var claims = new LinkedHashMap<String, String>();
        for (var line : lines.lines().filter(one -> !one.isBlank()).toList()) {
            int equals = line.indexOf('=');
            if (equals < 0) {
                throw malformed("claims", line, "enter one claim per line, such as “repository = harbour/lantern”.");
            }
            claims.put(
                    line.substring(0, equals).strip(),
                    line.substring(equals + 1).strip());
        }
        return claims;
    }

    private static long id(MultivaluedMap<String, String> form) {
        var given = text(form, "which");
        if (!given.matches("\\d{1,18}")) {
            throw malformed("which", given, "the page names the rule by its number.");
        }
        return Long.parseLong(given);
    }

    /** Returns the roles that differ from those at the time of rendering. */
    private static Map<Member.Key, Optional<Role>> roles(MultivaluedMap<String, String> form) {
        var changed = new LinkedHashMap<Member.Key, Optional<Role>>();
        form.keySet().stream()
                .map(ROLE_FIELD::matcher)
                .filter(field -> field.matches())
                .forEach(field -> {
                    var wanted = text(form, field.group());
                    if (!wanted.equals(field.group(1))) {
                        Member.Key member = field.group(2) == null
                                ? new Member.Key.Group(field.group(3))
                                : new Member.Key.Person(Long.parseLong(field.group(2)));
                        changed.put(member, wanted.equals("none") ? Optional.empty() : Optional.of(role(wanted)));
                    }
                });
        return changed;
    }

    private static Role role(String word) {
        return Role.parse(word)
                .orElseThrow(() -> malformed("role", word, "the roles are reader, publisher, maintainer and owner."));
    }

    private static void confirm(String name, String typed) {
        if (!typed.strip().equals(name)) {
            throw malformed("confirm", typed, "to delete the cache, type its name, " + name + ".");
        }
    }

    private static boolean choice(MultivaluedMap<String, String> form, String field, String yes, String no) {
        var given = text(form, field);
        if (!List.of(yes, no).contains(given)) {
            throw malformed(field, given, "choose one of the two.");
        }
        return given.equals(yes);
    }

    private static int number(MultivaluedMap<String, String> form, String field) {
        var given = text(form, field).strip();
        if (!given.matches("\\d{1,9}")) {
            throw malformed(field, given, "enter a number; lower ones are queried first.");
        }
        return Integer.parseInt(given);
    }

    private static String text(MultivaluedMap<String, String> form, String field) {
        var given = SignedInPages.text(form, field);
        if (given.length() > MAX_INPUT || given.indexOf('\0') >= 0) {
            throw malformed(field, "", "this text is too long, or has characters that no text has.");
        }
        return given;
    }

    private static RuntimeException malformed(String field, String given, String hint) {
        return Problem.malformed(field, given, hint);
    }
}
