package dev.narthex.client.support;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/** A page in a real Chromium with its own cookies, driven through the DevTools protocol. */
public final class Browser implements AutoCloseable {
    private static final int LOAD_SECONDS = 60;
    private static final int MAX_TABS = 300;
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int HEIGHT = 900;
    private static final Set<String> COMPLAINTS = Set.of("Runtime.exceptionThrown", "Runtime.consoleAPICalled");

    /** Key events of the system: code, Windows virtual key code, and text. */
    private record Key(String code, int number, String text) {
        private static Key of(String name) {
            return switch (name) {
                case "Tab" -> new Key("Tab", 9, "");
                case "Enter" -> new Key("Enter", 13, "\r");
                case "Escape" -> new Key("Escape", 27, "");
                case "ArrowLeft" -> new Key("ArrowLeft", 37, "");
                case "ArrowRight" -> new Key("ArrowRight", 39, "");
                case "ArrowDown" -> new Key("ArrowDown", 40, "");
                case "/" -> new Key("Slash", 191, "/");
                default -> letter(name);
            };
        }

        private static Key letter(String name) {
            var upper = name.toUpperCase(Locale.ROOT);
            if (!upper.matches("[A-Z]")) {
                throw new IllegalArgumentException("no such key: " + name);
            }
            return new Key("Key" + upper, upper.charAt(0), name);
        }
    }

    /**
     * Records the layout shift after the first rendering, as Chromium scores it. Buffered entries reach an observer in the next
     * frame.
     */
    private static final String MOVED = """
            new Promise(done => {
                let sum = 0;
                const add = entries => entries.forEach(entry => sum += entry.hadRecentInput ? 0 : entry.value);
                const observer = new PerformanceObserver(list => add(list.getEntries()));
                observer.observe({type: 'layout-shift', buffered: true});
                document.fonts.ready.then(() => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => {
                    add(observer.takeRecords());
                    done(sum);
                }))));
            })
            """;

    private final Chromium chromium;
    private final Chromium.Page page;
    private final List<String> complaints = new CopyOnWriteArrayList<>();

    private volatile CompletableFuture<Void> loaded = new CompletableFuture<>();

    public Browser() throws Exception {
        chromium = Chromium.instance();
        page = chromium.open(this::take);
        for (var domain : List.of("Page", "Runtime", "Log")) {
            call(domain + ".enable", Map.of());
        }
    }

    private void take(JsonNode event) {
        if (event.path("method").asText().equals("Page.loadEventFired")) {
            loaded.complete(null);
        } else if (event.path("method").asText().equals("Log.entryAdded")) {
            complaints.add(event.path("params").path("entry").path("text").asText());
        } else if (COMPLAINTS.contains(event.path("method").asText())) {
            complaints.add(event.toString());
        }
    }

    private JsonNode call(String method, Map<String, ?> parameters) throws Exception {
        return page.devTools().call(method, parameters);
    }

    public void go(URI address) throws Exception {
        loaded = new CompletableFuture<>();
        // a link to a fragment of the same page loads nothing
        if (call("Page.navigate", Map.of("url", address.toString())).has("loaderId")) {
            loaded.get(LOAD_SECONDS, TimeUnit.SECONDS);
        }
        await("location.href != 'about:blank' && document.readyState == 'complete'");
    }

    /** Returns the value of an expression in the page. */
    public JsonNode value(String expression) throws Exception {
        return value(expression, false);
    }

    /** Returns the result of a promise in the page; never returns while scripts are disabled. */
    JsonNode promised(String expression) throws Exception {
        return value(expression, true);
    }

    private JsonNode value(String expression, boolean promise) throws Exception {
        var told = call(
                "Runtime.evaluate", Map.of("expression", expression, "returnByValue", true, "awaitPromise", promise));
        if (told.has("exceptionDetails")) {
            throw new IOException(expression + ": " + told);
        }
        return told.path("result").path("value");
    }

    /** Waits until the condition is true of the current page or the next one. */
    public void await(String condition) throws Exception {
        Poll.until(condition, () -> {
            try {
                return value("Boolean(" + condition + ")").asBoolean();
            } catch (IOException e) {
                // there is no document between two pages
                return false;
            }
        });
    }

    /** Clicks an element that opens another page, and waits for that page. */
    public void leave(String selector) throws Exception {
        value("window.left = true");
        click(selector);
        await("!window.left && document.readyState == 'complete'");
    }

    public void click(String selector) throws Exception {
        value("document.querySelector(" + JSON.writeValueAsString(selector) + ").click()");
    }

    /** Presses and releases a key; the focused element receives it. */
    public void press(String name) throws Exception {
        var key = Key.of(name);
        var told = Map.of("key", name, "code", key.code, "windowsVirtualKeyCode", key.number, "text", key.text);
        var down = new HashMap<String, Object>(told);
        down.put("type", key.text.isEmpty() ? "rawKeyDown" : "keyDown");
        call("Input.dispatchKeyEvent", down);
        var up = new HashMap<String, Object>(told);
        up.put("type", "keyUp");
        call("Input.dispatchKeyEvent", up);
    }

    /** Presses a key that opens another page, and waits for that page. */
    public void pressToLeave(String name) throws Exception {
        value("window.left = true");
        press(name);
        await("!window.left && document.readyState == 'complete'");
    }

    /** Moves the focus from control to control until one matches. */
    public void tabTo(String selector) throws Exception {
        var fits = "document.activeElement.matches(" + JSON.writeValueAsString(selector) + ")";
        for (int i = 0; i < MAX_TABS; i++) {
            press("Tab");
            if (value(fits).asBoolean()) {
                return;
            }
        }
        throw new AssertionError(path() + ": Tab does not come to " + selector);
    }

    /** Enables or disables scripts, starting with the next page. */
    public void scripts(boolean run) throws Exception {
        call("Emulation.setScriptExecutionDisabled", Map.of("value", !run));
    }

    /** Allows this site to read the clipboard. */
    public String copied() throws Exception {
        chromium.grant(page, "clipboardReadWrite", value("location.origin").asText());
        return promised("navigator.clipboard.readText()").asText();
    }

    /** Returns the layout shift since the page was opened; 0 if nothing moved. */
    public double moved() throws Exception {
        return promised(MOVED).asDouble();
    }

    /** Returns the bytes transferred for this page and its resources, without content of packages. */
    public long firstView() throws Exception {
        return value("""
                        [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]
                            .filter(entry => !entry.name.includes('?raw'))
                            .reduce((sum, entry) => sum + entry.encodedBodySize, 0)""").asLong();
    }

    public void type(String selector, String text) throws Exception {
        value("document.querySelector(" + JSON.writeValueAsString(selector) + ").value = "
                + JSON.writeValueAsString(text));
    }

    public String path() throws Exception {
        return value("location.pathname").asText();
    }

    public String text() throws Exception {
        return value("document.body.innerText").asText();
    }

    /** Returns console messages: script errors, violations of the content security policy, missing files. */
    public List<String> complaints() {
        return complaints;
    }

    public void width(int width) throws Exception {
        call(
                "Emulation.setDeviceMetricsOverride",
                Map.of("width", width, "height", HEIGHT, "deviceScaleFactor", 1, "mobile", false));
    }

    /**
     * @param kind "screen" or "print"
     * @param feature media feature, such as "prefers-color-scheme"
     */
    public void media(String kind, String feature, String value) throws Exception {
        call(
                "Emulation.setEmulatedMedia",
                Map.of("media", kind, "features", List.of(Map.of("name", feature, "value", value))));
    }

    /** Sets the text size in percent of the system's default. */
    void textSize(int percent) throws Exception {
        value("document.documentElement.style.fontSize = '" + percent + "%'");
    }

    /** Returns whether the page can be scrolled sideways, which is an error. */
    public void fits() throws Exception {
        var widths = value("[document.documentElement.scrollWidth, innerWidth]");
        if (widths.path(0).asInt() > widths.path(1).asInt()) {
            throw new AssertionError(path() + " is wider than its window: " + widths);
        }
    }

    /** Changes window size and theme without a reload; the page must fit. */
    void look(int width, String scheme) throws Exception {
        width(width);
        media("screen", "prefers-color-scheme", scheme);
        fits();
    }

    /** Fails unless every image of the page loads, including lazy ones below the first view. */
    void loadImages() throws Exception {
        promised("""
                Promise.all([...document.images].map(image => {
                    image.loading = 'eager';
                    return image.decode();
                })).then(() => true)
                """);
    }

    /** Takes a screenshot of the whole page. */
    public void picture(Path file, int width, String scheme) throws Exception {
        look(width, scheme);
        picture(file);
    }

    public void picture(Path file) throws Exception {
        var picture = call("Page.captureScreenshot", Map.of("captureBeyondViewport", true));
        Files.createDirectories(file.getParent());
        Files.write(file, Base64.getDecoder().decode(picture.path("data").asText()));
    }

    @Override
    public void close() throws Exception {
        chromium.close(page);
    }
}
