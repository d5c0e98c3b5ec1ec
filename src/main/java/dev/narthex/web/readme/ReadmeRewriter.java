package dev.narthex.web.readme;

import dev.narthex.web.readme.ReadmeLinks.Target;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.owasp.html.HtmlStreamEventReceiver;
import org.owasp.html.HtmlStreamEventReceiverWrapper;

/**
 * Rewrites sanitized readme HTML: shifts headings below those of the page and adds anchors, marks links as untrusted, replaces
 * remote images by links (pages load nothing from other sites), and wraps wide elements in a scrollable box. It expects balanced
 * tags.
 */
final class ReadmeRewriter extends HtmlStreamEventReceiverWrapper {
    static final Pattern NUMBER = Pattern.compile("\\d{1,9}");
    private static final Pattern HEADING = Pattern.compile("h[1-6]");
    private static final Pattern NAME = Pattern.compile("[\\p{L}\\p{N}._-]{1,100}");
    private static final Pattern WEB_ADDRESS =
            Pattern.compile("https?://[^\\s<>\"'`]{1,2000}", Pattern.CASE_INSENSITIVE);
    private static final Pattern ADDRESS_END = Pattern.compile("[.,:;!?)\\]*_]+$");
    private static final int FIRST_LEVEL = 2;
    private static final int LAST_LEVEL = 6;
    private static final String REL = "nofollow ugc noopener";

    private final ReadmeLinks links;

    /** Original levels of the headings that enclose the current position, innermost first. */
    private final Deque<Integer> outline = new ArrayDeque<>();

    private final Map<String, Integer> anchors = new HashMap<>();
    private int linksOpen;
    private int codeOpen;
    private boolean scopesOpen;
    private Optional<Heading> heading = Optional.empty();

    ReadmeRewriter(HtmlStreamEventReceiver out, ReadmeLinks links) {
        super(out);
        this.links = links;
    }

    @Override
    public void openTag(String element, List<String> attributes) {
        var given = pairs(attributes);
        if (HEADING.matcher(element).matches()) {
            heading = Optional.of(
                    new Heading(Optional.ofNullable(given.get("id")), new StringBuilder(), new ArrayList<>()));
            return;
        }
        switch (element) {
            case "a" -> openLink(given);
            case "img" -> image(given);
            case "pre" -> {
                codeOpen++;
                emit("div", "class", "code");
                emit("pre", "tabindex", "0");
            }
            case "table" -> {
                emit("div", "class", "scroll", "tabindex", "0");
                emit("table");
            }
            case "td", "th" -> cell(element, given);
            case "ol" ->
                emit("ol", given.get("start") instanceof String first ? new String[] {"start", first} : new String[0]);
            default -> {
                codeOpen += element.equals("code") ? 1 : 0;
                scopesOpen |= element.equals("thead");
                emit(element, place(given));
            }
        }
    }

    @Override
    public void closeTag(String element) {
        if (HEADING.matcher(element).matches()) {
            heading.ifPresent(done -> close(element, done));
            return;
        }
        switch (element) {
            case "a" -> linksOpen--;
            case "pre", "code" -> codeOpen--;
            case "thead" -> scopesOpen = false;
            default -> {}
        }
        end(element);
        if (element.equals("pre") || element.equals("table")) {
            end("div");
        }
    }

    @Override
    public void text(String text) {
        heading.ifPresent(open -> open.words.append(text));
        if (linksOpen > 0 || codeOpen > 0) {
            words(text);
            return;
        }
        int from = 0;
        for (var m = WEB_ADDRESS.matcher(text); m.find(); ) {
            var address = ADDRESS_END.matcher(m.group()).replaceFirst("");
            words(text.substring(from, m.start()));
            from = m.start() + address.length();
            link(links.resolve(address), address);
        }
        words(text.substring(from));
    }

    private void link(Optional<Target> target, String words) {
        if (target.isPresent() && target.get() instanceof Target.ExternalLink link) {
            emit("a", "href", link.url(), "rel", REL);
            words(words);
            end("a");
        } else {
            words(words);
        }
    }

    private void openLink(Map<String, String> given) {
        linksOpen++;
        var target = Optional.ofNullable(given.get("href")).flatMap(links::resolve);
        var attributes = new ArrayList<String>();
        target.ifPresent(t -> attributes.addAll(
                switch (t) {
                    case Target.ExternalLink link -> List.of("href", link.url(), "rel", REL);
                    case Target.FileLink file -> List.of("href", file.url());
                    case Target.HeadingLink heading -> List.of("href", "#" + heading.fragment());
                }));
        attributes.addAll(List.of(place(given)));
        emit("a", attributes.toArray(String[]::new));
    }

    private void image(Map<String, String> given) {
        var alt = given.getOrDefault("alt", "").strip();
        var target = Optional.ofNullable(given.get("src")).flatMap(links::resolve);
        if (target.isPresent() && target.get() instanceof Target.FileLink file) {
            emit("img", "src", file.url() + "?raw", "alt", alt, "loading", "lazy");
            return;
        }
        var words =
                alt.isEmpty() && target.orElse(null) instanceof Target.ExternalLink external ? external.host() : alt;
        if (linksOpen > 0) {
            words(words);
        } else {
            link(target, words);
        }
    }

    private void cell(String element, Map<String, String> given) {
        var attributes = new ArrayList<String>();
        if (element.equals("th") && scopesOpen) {
            attributes.addAll(List.of("scope", "col"));
        }
        if ("right".equals(given.get("align"))) {
            attributes.addAll(List.of("class", "num"));
        }
        emit(element, attributes.toArray(String[]::new));
    }

    /** Returns the id attribute of a named anchor in the text. */
    private static String[] place(Map<String, String> given) {
        var name = Optional.ofNullable(given.get("id")).or(() -> Optional.ofNullable(given.get("name")));
        return name.filter(n -> NAME.matcher(n).matches())
                .map(n -> new String[] {"id", ReadmeLinks.fragment(n)})
                .orElse(new String[0]);
    }

    private void close(String element, Heading done) {
        heading = Optional.empty();
        var level = "h" + level(element.charAt(1) - '0');
        var id = done.id.filter(n -> NAME.matcher(n).matches()).orElseGet(() -> slug(done.words.toString()));
        emit(level, "id", ReadmeLinks.fragment(id));
        done.events.forEach(Runnable::run);
        end(level);
    }

    /** Returns one level below the enclosing heading, even if the text skips levels: screen readers rely on levels without gaps. */
    private int level(int written) {
        while (!outline.isEmpty() && outline.peek() >= written) {
            outline.pop();
        }
        outline.push(written);
        return Math.min(FIRST_LEVEL + outline.size() - 1, LAST_LEVEL);
    }

    /**
     * Returns the anchor that GitHub would generate, because readmes link to those: lower case, no punctuation, dashes for spaces,
     * numbered if repeated.
     */
    private String slug(String words) {
        var slug = words.strip()
                .toLowerCase(Locale.ROOT)
                .replaceAll("[^\\p{L}\\p{N}\\s_-]", "")
                .replaceAll("\\s", "-");
        int before = anchors.merge(slug, 1, Integer::sum) - 1;
        return before == 0 ? slug : slug + "-" + before;
    }

    private void emit(String element, String... attributes) {
        later(() -> underlying.openTag(element, new ArrayList<>(List.of(attributes))));
    }

    private void end(String element) {
        later(() -> underlying.closeTag(element));
    }

    private void words(String text) {
        if (!text.isEmpty()) {
            later(() -> underlying.text(text));
        }
    }

    /** Emits the event now, or after the heading's tag: inside a heading, events wait, since its id is made from its text. */
    private void later(Runnable event) {
        heading.ifPresentOrElse(open -> open.events.add(event), event);
    }

    private static Map<String, String> pairs(List<String> attributes) {
        var pairs = new HashMap<String, String>();
        for (int i = 0; i + 1 < attributes.size(); i += 2) {
            pairs.putIfAbsent(attributes.get(i), attributes.get(i + 1));
        }
        return pairs;
    }

    private record Heading(Optional<String> id, StringBuilder words, List<Runnable> events) {}
}
