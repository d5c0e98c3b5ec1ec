package dev.narthex.web.account;

import dev.narthex.access.Access;
import dev.narthex.access.Action;
import dev.narthex.access.NamePattern;
import dev.narthex.access.TokenService;
import dev.narthex.access.TokenService.CreatedToken;
import dev.narthex.access.TokenService.TokenInfo;
import dev.narthex.spi.Cache;
import dev.narthex.web.view.TokensView;
import dev.narthex.web.view.TokensView.MadeToken;
import dev.narthex.web.view.TokensView.TokenLine;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Optional;

/** Builds the page of a user's tokens. */
@ApplicationScoped
public class TokensPageBuilder {
    private final Access access;
    private final TokenService tokens;

    TokensPageBuilder(Access access, TokenService tokens) {
        this.access = access;
        this.tokens = tokens;
    }

    public TokensView of(Optional<CreatedToken> created, long before) {
        var page = tokens.list(false, before);
        var lines = page.tokens().stream()
                .filter(token -> !token.state().equals("revoked"))
                .map(token -> line(token, created))
                .toList();
        return new TokensView(
                created.map(token -> new MadeToken(token.is().label(), token.token())),
                lines,
                page.before(),
                access.memberships().keySet().stream().map(Cache::name).toList());
    }

    private static TokenLine line(TokenInfo token, Optional<CreatedToken> created) {
        var scope = token.scope();
        return new TokenLine(
                token.id(),
                token.label(),
                created.filter(one -> one.is().id() == token.id()).isPresent(),
                token.state().equals("expired"),
                scope.admin(),
                scope.actions().stream().sorted().map(Action::toString).toList(),
                texts(scope.caches()),
                !scope.packages().contains(NamePattern.ALL),
                texts(scope.packages()),
                token.expiresAt(),
                token.lastUsed());
    }

    private static List<String> texts(List<NamePattern> patterns) {
        return patterns.stream().map(NamePattern::text).toList();
    }
}
