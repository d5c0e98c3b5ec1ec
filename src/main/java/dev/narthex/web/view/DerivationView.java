package dev.narthex.web.view;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.Optional;

/**
 * The derivation of a store path.
 *
 * @param release the release whose tab this is; absent on the page of a store path
 * @param derivation full path
 * @param derivationUrl empty if the derivation is not in this cache
 * @param rawUrl URL of the file itself
 * @param problem why the derivation could not be read; empty if it was read
 * @param sources URLs that the build downloads: those of this derivation, or of the derivation of its source
 */
@JsonInclude(JsonInclude.Include.NON_ABSENT)
public record DerivationView(
        Optional<ReleaseHead> release,
        PathHead path,
        String derivation,
        String derivationUrl,
        String rawUrl,
        String problem,
        String system,
        String builder,
        List<String> args,
        List<OutputLine> outputs,
        List<Input> inputs,
        List<Source> sources,
        List<Variable> environment)
        implements View {
    /** @param url empty if it is not in this cache */
    public record OutputLine(String name, String path, String url, String hash) {}

    /**
     * @param outputs outputs that the build uses; empty for a source, which is not built
     * @param url empty if it is not in this cache
     */
    public record Input(String path, String name, List<String> outputs, String url) {}

    /** @param hash expected hash of the download, or empty */
    public record Source(String address, String hash) {}

    /** An environment variable of the builder, or a structured attribute. */
    public record Variable(String name, String value) {
        private static final int FOLD = 160;

        public long lines() {
            return value.lines().count();
        }

        public boolean folded() {
            return value.length() > FOLD || value.indexOf('\n') >= 0;
        }
    }

    public boolean readable() {
        return !derivationUrl.isEmpty() && problem.isEmpty();
    }
}
