package dev.narthex.search;

import java.io.IOException;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.search.DoubleValues;
import org.apache.lucene.search.DoubleValuesSource;
import org.apache.lucene.search.Explanation;
import org.apache.lucene.search.IndexSearcher;

/** A score computed only from stored fields of a document, so that Lucene may cache it. */
abstract class DocumentBoost extends DoubleValuesSource {
    @Override
    public boolean needsScores() {
        return false;
    }

    @Override
    public DoubleValuesSource rewrite(IndexSearcher searcher) {
        return this;
    }

    @Override
    public Explanation explain(LeafReaderContext segment, int document, Explanation explanation) throws IOException {
        var values = getValues(segment, DoubleValues.EMPTY);
        return values.advanceExact(document)
                ? Explanation.match(values.doubleValue(), toString())
                : Explanation.noMatch(toString());
    }

    @Override
    public boolean isCacheable(LeafReaderContext segment) {
        return true;
    }
}
