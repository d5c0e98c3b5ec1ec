package dev.narthex.web.view;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.Optional;

/**
 * The recipe of a build.
 *
 * @param release the release whose tab this is, if it is one's
 * @param derivation full path
 * @param derivationUrl empty if it is not in this cache
 * @param rawUrl of the file itself
 * @param problem why it could not be read; empty if it was
 * @param sources addresses that the build downloads from, of this derivation or of one that makes its source
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
     * @param outputs wanted ones; empty for a source, which is not built
     * @param url empty if it is not in this cache
     */
    public record Input(String path, String name, List<String> outputs, String url) {}

    /** @param hash expected content, or empty */
    public record Source(String address, String hash) {}

    /** One variable of the builder's environment, or one structured attribute. */
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
