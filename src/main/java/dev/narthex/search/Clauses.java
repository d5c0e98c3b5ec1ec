package dev.narthex.search;

import dev.narthex.spi.Ecosystem;
import java.time.Clock;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.List;
import org.hibernate.search.engine.search.predicate.SearchPredicate;
import org.hibernate.search.engine.search.predicate.dsl.PredicateFinalStep;
import org.hibernate.search.engine.search.predicate.dsl.SearchPredicateFactory;

/**
 * Questions as clauses whose constant scores add up, so that the order can be told from the table below and does not move
 * with the size of the index. A name that fits a tier fits all tiers under it; each outweighs everything below it.
 *
 * <pre>
 * 2000  the very name, by the rule of its ecosystem
 *  400  the same letters, whatever stands between
 *  800  the name begins with what was typed
 *  300  a part of the name does
 *  150  every word is in the name
 *   60  shared by the words: a word is in the name, or is a command of it
 *   40  shared: in keywords; 20: in the summary; 10: a word there begins with it; 5: in the readme
 *   30  how well it is known, 40 not withdrawn, 3 released within five years
 * </pre>
 */
final class Clauses {
    private static final Duration RECENT = Duration.ofDays(5 * 365);
    private static final int NEAR_EDITS = 2;
    private static final int FORGIVEN_FROM = 4;

    /** From this length on the beginning of a word in a summary says enough: parse finds parser. */
    private static final int WHOLE_FROM = 4;

    private final SearchPredicateFactory f;
    private final List<Ecosystem> ecosystems;
    private final Clock clock;

    Clauses(SearchPredicateFactory f, List<Ecosystem> ecosystems, Clock clock) {
        this.f = f;
        this.ecosystems = ecosystems;
        this.clock = clock;
    }

    SearchPredicate visible(Collection<Long> caches) {
        return f.terms().field("cache").matchingAny(caches).toPredicate();
    }

    SearchPredicate filter(Query.Filter filter) {
        return f.match().field(filter.facet().field).matching(filter.value()).toPredicate();
    }

    /** All that a question asks for, as typed. */
    SearchPredicate typed(Words words) {
        return all(words, false);
    }

    /** The same with one letter a word wrong, missing, too many, or two of them swapped. */
    SearchPredicate nearly(Words words) {
        return all(words, true);
    }

    /** Names that begin, or a part of which begins, with what was typed. */
    SearchPredicate begun(String text) {
        var name = Folded.of(text);
        var bool = f.bool().must(prefix("beginnings", name.text(), 300));
        tiers(text, name).forEach(bool::should);
        standing().forEach(bool::should);
        return bool.toPredicate();
    }

    /** Names at most two letters away. */
    SearchPredicate near(String text) {
        var name = Folded.of(text).text();
        int edits = name.length() < FORGIVEN_FROM ? 1 : NEAR_EDITS;
        return f.bool()
                .should(f.match().field("parts").matching(name).fuzzy(edits, 1))
                .should(f.prefix().field("folded").matching(name))
                .toPredicate();
    }

    private SearchPredicate all(Words asked, boolean nearly) {
        var bool = f.bool();
        float share = 1f / Math.max(1, asked.words().size());
        for (var word : asked.words()) {
            bool.must(word(word, share, nearly));
        }
        for (var phrase : asked.phrases()) {
            bool.must(phrase(phrase));
        }
        for (var licence : asked.licences()) {
            bool.filter(f.terms().field("licences").matchingAny(licence));
        }
        for (var file : asked.files()) {
            bool.filter(f.terms().field("inside").matchingAny(file));
        }
        if (!asked.folded().isEmpty()) {
            tiers(asked.plain(), asked.folded()).forEach(bool::should);
            bool.should(allInName(asked));
        }
        standing().forEach(bool::should);
        return bool.toPredicate();
    }

    private List<PredicateFinalStep> tiers(String plain, Folded name) {
        var exact =
                ecosystems.stream().map(e -> e.id() + ":" + e.normalise(plain)).toList();
        return List.of(
                f.terms().field("exact").matchingAny(exact).constantScore().boost(2000),
                f.terms()
                        .field("folded")
                        .matchingAny(name.text())
                        .constantScore()
                        .boost(400),
                prefix("folded", name.text(), 800),
                prefix("beginnings", name.text(), 300));
    }

    private PredicateFinalStep allInName(Words asked) {
        var bool = f.bool();
        asked.words().forEach(word -> bool.must(inName(Folded.of(word).text(), 1)));
        return bool.constantScore().boost(150);
    }

    private PredicateFinalStep word(String word, float share, boolean nearly) {
        var name = Folded.of(word).text();
        var bool = f.bool()
                .should(inName(name, 60 * share))
                .should(f.terms()
                        .field("inside")
                        .matchingAny(name)
                        .constantScore()
                        .boost(60 * share))
                .should(f.phrase()
                        .field("keywords")
                        .matching(word)
                        .constantScore()
                        .boost(40 * share))
                .should(f.phrase()
                        .field("summary")
                        .matching(word)
                        .constantScore()
                        .boost(20 * share))
                .should(f.phrase()
                        .field("readme")
                        .matching(word)
                        .constantScore()
                        .boost(5 * share));
        if (name.length() >= WHOLE_FROM) {
            bool.should(f.prefix()
                    .fields("keywords", "summary")
                    .matching(name)
                    .constantScore()
                    .boost(10 * share));
        }
        if (nearly && name.length() >= FORGIVEN_FROM) {
            bool.should(f.match()
                            .field("parts")
                            .matching(name)
                            .fuzzy(1, 1)
                            .constantScore()
                            .boost(60 * share))
                    .should(f.match()
                            .field("keywords")
                            .matching(name)
                            .fuzzy(1, 1)
                            .constantScore()
                            .boost(40 * share))
                    .should(f.match()
                            .field("summary")
                            .matching(name)
                            .fuzzy(1, 1)
                            .constantScore()
                            .boost(20 * share));
        }
        return bool;
    }

    /** Short words are looked for where a part of the name begins, longer ones anywhere. */
    private PredicateFinalStep inName(String name, float score) {
        return prefix(name.length() < Folded.SHORTEST_INSIDE ? "beginnings" : "endings", name, score);
    }

    private PredicateFinalStep phrase(String phrase) {
        return f.bool()
                .should(inName(Folded.of(phrase).text(), 60))
                .should(f.phrase()
                        .field("keywords")
                        .matching(phrase)
                        .constantScore()
                        .boost(40))
                .should(f.phrase()
                        .field("summary")
                        .matching(phrase)
                        .constantScore()
                        .boost(20))
                .should(f.phrase()
                        .field("readme")
                        .matching(phrase)
                        .constantScore()
                        .boost(5));
    }

    /** What speaks for a package whatever was asked for. */
    private List<PredicateFinalStep> standing() {
        var since = clock.instant().truncatedTo(ChronoUnit.DAYS).minus(RECENT);
        return List.of(
                known(1),
                known(2),
                known(4),
                known(8),
                known(16),
                f.match().field("standing").matching(true).constantScore().boost(40),
                f.range().field("updated").atLeast(since).constantScore().boost(3));
    }

    private PredicateFinalStep known(int bit) {
        return f.terms()
                .field("known")
                .matchingAny(Integer.toString(bit))
                .constantScore()
                .boost(bit);
    }

    private PredicateFinalStep prefix(String field, String text, float score) {
        return f.prefix().field(field).matching(text).constantScore().boost(score);
    }
}
