package dev.narthex.ecosystem.nix;

import dev.narthex.nix.DrvName;
import dev.narthex.nix.StorePath;
import dev.narthex.spi.Candidate;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The package name, version and output in a store path's name. The name is that of the derivation, followed by the output unless
 * that is {@code out} (NixOS/nix src/libstore/derivations.cc, outputPathName).
 */
record StorePathName(String name, String version, String output) {
    private static final String DRV = ".drv";
    private static final String OUT = "out";
    /** Outputs that nixpkgs uses (pkgs/build-support/setup-hooks/multiple-outputs.sh and its users). */
    private static final Set<String> OUTPUTS = Set.of(
            "bin",
            "dev",
            "lib",
            "man",
            "doc",
            "info",
            "dist",
            "debug",
            "static",
            "devdoc",
            "devman",
            "terminfo",
            "getent",
            "examples",
            "data",
            "tests",
            "headers",
            "modules",
            "locale",
            "python",
            "full",
            "client",
            "server",
            "tools");
    /** Suffixes that fetchers append to the name of the package that they fetch for. */
    private static final Pattern INGREDIENT =
            Pattern.compile(".*-(source|src|npm-deps|pnpm-deps|vendor|go-modules|cargo-deps|patches|deps)");

    /** @return empty if the name has no version, or is that of a build input such as a source */
    static Optional<StorePathName> of(Candidate path) {
        var text = path.path().name();
        var split = path.deriver().flatMap(drv -> byDeriver(text, drv)).orElseGet(() -> bySuffix(text));
        var output = path.derivation()
                .flatMap(drv -> drv.outputs().entrySet().stream()
                        .filter(o -> o.getValue().path().equals(path.path().toString()))
                        .map(Map.Entry::getKey)
                        .findFirst())
                .orElse(split.output);
        var drvName = DrvName.parse(split.name);
        if (drvName.name().isEmpty()
                || drvName.version().isEmpty()
                || INGREDIENT.matcher(split.name).matches()) {
            return Optional.empty();
        }
        return Optional.of(new StorePathName(drvName.name(), drvName.version(), output));
    }

    /** The deriver is not signed, so it is used only if the path's name begins with its name. */
    private static Optional<NameAndOutput> byDeriver(String text, StorePath deriver) {
        if (!deriver.isDerivation()) {
            return Optional.empty();
        }
        var whole = deriver.name().substring(0, deriver.name().length() - DRV.length());
        if (text.equals(whole)) {
            return Optional.of(new NameAndOutput(whole, OUT));
        }
        return text.startsWith(whole + "-") && !whole.isEmpty()
                ? Optional.of(new NameAndOutput(whole, text.substring(whole.length() + 1)))
                : Optional.empty();
    }

    private static NameAndOutput bySuffix(String text) {
        int dash = text.lastIndexOf('-');
        return dash > 0 && OUTPUTS.contains(text.substring(dash + 1))
                ? new NameAndOutput(text.substring(0, dash), text.substring(dash + 1))
                : new NameAndOutput(text, OUT);
    }

    private record NameAndOutput(String name, String output) {}
}
