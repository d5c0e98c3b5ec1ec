package dev.narthex.search;

import java.io.IOException;
import java.util.List;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.search.DoubleValues;

/** The sum of several scores of a package. As separate clauses, each would iterate over all packages again. */
final class BoostSum extends DocumentBoost {
    private final List<RankBoost> parts;

    BoostSum(List<RankBoost> parts) {
        this.parts = List.copyOf(parts);
    }

    @Override
    public DoubleValues getValues(LeafReaderContext segment, DoubleValues scores) throws IOException {
        var values = new DoubleValues[parts.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = parts.get(i).getValues(segment, scores);
        }
        return new DoubleValues() {
            @Override
            public double doubleValue() throws IOException {
                double sum = 0;
                for (var value : values) {
                    sum += value.doubleValue();
                }
                return sum;
            }

            /** Every package has a value in each of the fields. */
            @Override
            public boolean advanceExact(int document) throws IOException {
                boolean all = true;
                for (var value : values) {
                    all &= value.advanceExact(document);
                }
                return all;
            }
        };
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof BoostSum sum && sum.parts.equals(parts);
    }

    @Override
    public int hashCode() {
        return parts.hashCode();
    }

    @Override
    public String toString() {
        return parts.toString();
    }
}
