package dev.narthex.search;

import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.function.LongToDoubleFunction;
import org.apache.lucene.index.DocValues;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.Term;
import org.apache.lucene.queries.function.FunctionScoreQuery;
import org.apache.lucene.search.BooleanClause.Occur;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.search.DoubleValues;
import org.apache.lucene.search.MatchAllDocsQuery;
import org.apache.lucene.search.PrefixQuery;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.TermQuery;

/**
 * Scores read from a numeric field of each package. As clauses, one for each possible value, they would cause most of the cost of
 * a query.
 */
final class RankBoost extends DocumentBoost {
    private static final double BEGUN = 800;
    private static final double CLOSENESS = 80;
    private static final double RECENT = 3;

    private final String field;
    private final long parameter;
    private final LongToDoubleFunction score;

    /** @param parameter distinguishes scores that use the same field, for equality */
    private RankBoost(String field, long parameter, LongToDoubleFunction score) {
        this.field = field;
        this.parameter = parameter;
        this.score = score;
    }

    /** Scores all packages by popularity and whether they are withdrawn. */
    static Query popularity() {
        return new FunctionScoreQuery(new MatchAllDocsQuery(), known());
    }

    /** Scores all packages; those released since this time get a small bonus. */
    static Query recency(Instant since) {
        return new FunctionScoreQuery(new MatchAllDocsQuery(), released(since));
    }

    private static RankBoost known() {
        return new RankBoost("popularity", 0, number -> number);
    }

    private static RankBoost released(Instant since) {
        long from = since.toEpochMilli();
        return new RankBoost("updated", from, number -> number < from ? 0 : RECENT);
    }

    /**
     * Scores names that start with the typed text. The bonus is the square of the typed share of the name: insignificant after a
     * few letters, more than popularity when the name is nearly complete. If the text ends with a separator, the name must end
     * there or continue with a new part.
     */
    static Query prefix(String typed) {
        return new FunctionScoreQuery(named(typed), closeness(typed));
    }

    /** Does the same and adds popularity and the bonus for recent releases, reading all three fields in one pass. */
    static Query prefix(String typed, Instant since) {
        return new FunctionScoreQuery(named(typed), new BoostSum(List.of(closeness(typed), known(), released(since))));
    }

    private static Query named(String typed) {
        var name = FoldedName.of(typed);
        return FoldedName.endsBetween(typed)
                ? new BooleanQuery.Builder()
                        .add(new TermQuery(new Term("folded", name.text())), Occur.SHOULD)
                        .add(prefixOfFolded(new FoldedName(name.text() + "-")), Occur.SHOULD)
                        .build()
                : prefixOfFolded(name);
    }

    private static Query prefixOfFolded(FoldedName name) {
        return name.isCut()
                ? new TermQuery(new Term("prefixes", FoldedName.START + name.text()))
                : new PrefixQuery(new Term("folded", name.text()));
    }

    private static RankBoost closeness(String typed) {
        int letters = FoldedName.of(typed).text().length();
        return new RankBoost("length", letters, all -> BEGUN + closeness(letters, all));
    }

    private static double closeness(double typed, double all) {
        return CLOSENESS * (typed / all) * (typed / all);
    }

    @Override
    public DoubleValues getValues(LeafReaderContext segment, DoubleValues scores) throws IOException {
        // every package has exactly one value in each of these fields
        var numbers = DocValues.unwrapSingleton(DocValues.getSortedNumeric(segment.reader(), field));
        return new DoubleValues() {
            @Override
            public double doubleValue() throws IOException {
                return score.applyAsDouble(numbers.longValue());
            }

            @Override
            public boolean advanceExact(int document) throws IOException {
                return numbers.advanceExact(document);
            }
        };
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof RankBoost weight && weight.field.equals(field) && weight.parameter == parameter;
    }

    @Override
    public int hashCode() {
        return 31 * field.hashCode() + Long.hashCode(parameter);
    }

    @Override
    public String toString() {
        return field + " " + parameter;
    }
}
