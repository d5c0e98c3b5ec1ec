package dev.narthex.search;

import dev.narthex.spi.Ecosystem;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.List;
import org.apache.lucene.search.Query;
import org.hibernate.search.backend.lucene.LuceneExtension;
import org.hibernate.search.engine.search.predicate.SearchPredicate;
import org.hibernate.search.engine.search.predicate.dsl.PredicateFinalStep;
import org.hibernate.search.engine.search.predicate.dsl.SearchPredicateFactory;

/**
 * Builds Lucene predicates whose constant scores add up, so that the ranking follows from the table below and does not depend on
 * the size of the index. A name that matches one of the five name tiers also matches the tiers below it, and each tier outweighs
 * everything below it.
 *
 * <pre>
 * 2000  the exact name, normalized by the rule of its ecosystem
 *  400  the same letters, with any separators
 *  800  the name starts with the query, plus up to 80 for the share of the name that is typed
 *  300  a later part of the name starts with the query
 *  150  every word is in the name
 *   60  shared by the words: a word is in the name, or is one of its commands
 *   40  shared: in keywords; 20: in the summary; 10: prefix of a word there; 5: in the readme
 *   30  for popularity, 40 unless withdrawn, 3 if released within five years
 * </pre>
 *
 * <p>If nothing matches as typed, names with one typo take the place of exact and prefix matches.
 */
final class RelevanceClauses {
    private static final Duration RECENT = Duration.ofDays(5 * 365);
    private static final int NEAR_EDITS = 2;
    private static final int FORGIVEN_FROM = 4;

    /** Minimum length of a word that also matches as a prefix in keywords and summaries: parse finds parser. */
    static final int WHOLE_FROM = 4;

    private final SearchPredicateFactory f;
    private final List<Ecosystem> ecosystems;
    private final Clock clock;

    RelevanceClauses(SearchPredicateFactory f, List<Ecosystem> ecosystems, Clock clock) {
        this.f = f;
        this.ecosystems = ecosystems;
        this.clock = clock;
    }

    SearchPredicate visible(Collection<Long> caches) {
        return f.terms().field("cache").matchingAny(caches).toPredicate();
    }

    SearchPredicate filter(dev.narthex.search.SearchQuery.Filter filter) {
        return f.match().field(filter.facet().field).matching(filter.value()).toPredicate();
    }

    /** Returns a predicate that requires all words, phrases and filters of the query as typed. */
    SearchPredicate typed(ParsedQuery query) {
        return all(query, false);
    }

    /** Does the same, but allows one typo per word: a wrong, missing or additional letter, or two swapped letters. */
    SearchPredicate fuzzy(ParsedQuery query) {
        return all(query, true);
    }

    /** Matches names that start with the text, or of which a later part does. */
    SearchPredicate prefix(String text) {
        var name = FoldedName.of(text);
        var bool = f.bool().must(part(name, 300));
        whole(text, name).forEach(bool::should);
        popularity().forEach(bool::should);
        return bool.toPredicate();
    }

    /** Matches only names that start with the text as a whole. {@link #prefix} ranks these first, in the same order. */
    SearchPredicate namePrefix(String text) {
        return f.bool()
                .must(lucene(RankBoost.prefix(text, recently())))
                .should(exact(text))
                .should(term("folded", FoldedName.of(text).text(), 400))
                .toPredicate();
    }

    /** Matches names with an edit distance of at most 2, or 1 if the name is short, and names that start with the text. */
    SearchPredicate similarNames(String text) {
        var name = FoldedName.of(text);
        int edits = name.text().length() < FORGIVEN_FROM ? 1 : NEAR_EDITS;
        return f.bool()
                .should(f.match().field("parts").matching(name.text()).fuzzy(edits, 1))
                .should(lucene(RankBoost.prefix(text)))
                .toPredicate();
    }

    private SearchPredicate all(ParsedQuery query, boolean nearly) {
        var bool = f.bool();
        float share = 1f / Math.max(1, query.words().size());
        for (var word : query.words()) {
            bool.must(wordClause(word, share, nearly));
        }
        for (var phrase : query.phrases()) {
            bool.must(phrase(phrase));
        }
        narrow("licenses", query.licences()).forEach(bool::filter);
        narrow("files", query.files()).forEach(bool::filter);
        narrow("refs", query.refs()).forEach(bool::filter);
        if (!query.folded().isEmpty()) {
            whole(query.plain(), query.folded()).forEach(bool::should);
            bool.should(part(query.folded(), 300));
            bool.should(allInName(query));
            if (nearly) {
                bool.should(fuzzy("folded", query.folded().text(), 800));
            }
        }
        popularity().forEach(bool::should);
        return bool.toPredicate();
    }

    private List<PredicateFinalStep> narrow(String field, List<String> values) {
        return values.stream()
                .<PredicateFinalStep>map(value -> f.terms().field(field).matchingAny(value))
                .toList();
    }

    private List<PredicateFinalStep> whole(String plain, FoldedName name) {
        return List.of(exact(plain), term("folded", name.text(), 400), lucene(RankBoost.prefix(plain)));
    }

    private PredicateFinalStep exact(String plain) {
        var exact =
                ecosystems.stream().map(e -> e.id() + ":" + e.normalize(plain)).toList();
        return f.terms().field("exact").matchingAny(exact).constantScore().boost(2000);
    }

    private PredicateFinalStep allInName(ParsedQuery query) {
        var bool = f.bool();
        query.words().forEach(word -> bool.must(inName(FoldedName.of(word), 1)));
        return bool.constantScore().boost(150);
    }

    private PredicateFinalStep wordClause(String word, float share, boolean nearly) {
        var name = FoldedName.of(word);
        var bool = f.bool()
                .should(inName(name, 60 * share))
                .should(term("files", name.text(), 60 * share))
                .should(textClause("keywords", word, 40 * share))
                .should(textClause("summary", word, 20 * share))
                .should(textClause("readme", word, 5 * share));
        if (name.text().length() >= WHOLE_FROM) {
            bool.should(f.prefix()
                    .fields("keywords", "summary")
                    .matching(name.text())
                    .constantScore()
                    .boost(10 * share));
        }
        if (nearly && name.text().length() >= FORGIVEN_FROM) {
            bool.should(fuzzy("parts", name.text(), 60 * share));
            // a match query on several tokens is satisfied by any one of them
            if (!name.text().contains("-")) {
                bool.should(fuzzy("keywords", name.text(), 40 * share))
                        .should(fuzzy("summary", name.text(), 20 * share));
            }
        }
        return bool;
    }

    private PredicateFinalStep phrase(String phrase) {
        return f.bool()
                .should(inName(FoldedName.of(phrase), 60))
                .should(textClause("keywords", phrase, 40))
                .should(textClause("summary", phrase, 20))
                .should(textClause("readme", phrase, 5));
    }

    /** Matches a word in a name. Short words match only at the start of a part, longer ones anywhere. */
    private PredicateFinalStep inName(FoldedName name, float score) {
        return name.text().length() < FoldedName.SHORTEST_INSIDE
                ? part(name, score)
                : f.bool()
                        .should(part(name, 1))
                        .should(f.prefix().field("innerSuffixes").matching(name.text()))
                        .constantScore()
                        .boost(score);
    }

    /** Matches names that start with the text, from the beginning or from a later part on. */
    private PredicateFinalStep part(FoldedName name, float score) {
        return name.isCut()
                ? term("prefixes", name.text(), score)
                : f.prefix()
                        .field("suffixes")
                        .matching(name.text())
                        .constantScore()
                        .boost(score);
    }

    /** Scores that do not depend on the query: popularity, not withdrawn, recently released. */
    private List<PredicateFinalStep> popularity() {
        return List.of(lucene(RankBoost.popularity()), lucene(RankBoost.recency(recently())));
    }

    private Instant recently() {
        return clock.instant().truncatedTo(ChronoUnit.DAYS).minus(RECENT);
    }

    private PredicateFinalStep term(String field, String value, float score) {
        return f.terms().field(field).matchingAny(value).constantScore().boost(score);
    }

    private PredicateFinalStep textClause(String field, String words, float score) {
        return f.phrase().field(field).matching(words).constantScore().boost(score);
    }

    private PredicateFinalStep fuzzy(String field, String text, float score) {
        return f.match().field(field).matching(text).fuzzy(1).constantScore().boost(score);
    }

    private PredicateFinalStep lucene(Query query) {
        return f.extension(LuceneExtension.get()).fromLuceneQuery(query);
    }
}
