package dev.narthex.search;

import dev.narthex.catalog.release.IndexedPackage;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.hibernate.search.engine.backend.types.Aggregable;
import org.hibernate.search.engine.backend.types.Norms;
import org.hibernate.search.engine.backend.types.Projectable;
import org.hibernate.search.engine.backend.types.Searchable;
import org.hibernate.search.engine.backend.types.Sortable;
import org.hibernate.search.mapper.pojo.mapping.definition.annotation.DocumentId;
import org.hibernate.search.mapper.pojo.mapping.definition.annotation.FullTextField;
import org.hibernate.search.mapper.pojo.mapping.definition.annotation.GenericField;
import org.hibernate.search.mapper.pojo.mapping.definition.annotation.Indexed;
import org.hibernate.search.mapper.pojo.mapping.definition.annotation.KeywordField;
import org.hibernate.search.mapper.pojo.mapping.definition.annotation.SearchEntity;

/**
 * The index document of a package. Names are split into terms here, not by an analyzer, so that queries can be split in the same
 * way. When fields change, increase {@link #SCHEMA}: every replica then rebuilds its index.
 */
@SearchEntity(name = "package")
@Indexed(index = "package")
final class PackageDocument {
    static final int SCHEMA = 5;
    static final String PROSE = "prose";

    private static final int MAX_RELATED = 30;
    private static final int NOT_WITHDRAWN = 40;
    /** Longer keywords are usually sentences and are not offered as facet values. */
    private static final int MAX_KEYWORD_LENGTH = 60;

    private static final double LOG_2 = Math.log(2);
    private static final Pattern LICENCE_PARTS = Pattern.compile("(?i)[\\s()/,]+(?:or|and|with)?[\\s()/,]*");

    @DocumentId
    final Long id;

    @GenericField(projectable = Projectable.YES)
    final Long cache;

    @KeywordField(aggregable = Aggregable.YES)
    final String cacheFacet;

    @KeywordField(projectable = Projectable.YES, aggregable = Aggregable.YES)
    final String ecosystem;

    @KeywordField(projectable = Projectable.YES, searchable = Searchable.NO)
    final String name;

    @KeywordField(projectable = Projectable.YES, searchable = Searchable.NO)
    final String normalized;

    /** Ecosystem and normalized name; equal to the query for an exact match. */
    @KeywordField
    final String exact;

    @KeywordField(sortable = Sortable.YES)
    final String folded;

    /** Prefixes of the name and of its later parts, up to a maximum length; see {@link FoldedName#prefixes}. */
    @KeywordField
    final List<String> prefixes;

    @KeywordField
    final List<String> suffixes;

    @KeywordField
    final List<String> innerSuffixes;

    @KeywordField
    final List<String> parts;

    @KeywordField(projectable = Projectable.YES, searchable = Searchable.NO)
    final String version;

    @KeywordField(projectable = Projectable.YES, searchable = Searchable.NO)
    final String shownSummary;

    @FullTextField(analyzer = PROSE, norms = Norms.NO)
    final String summary;

    @FullTextField(analyzer = PROSE, norms = Norms.NO)
    final List<String> keywords;

    @KeywordField(aggregable = Aggregable.YES)
    final List<String> keywordFacet;

    @FullTextField(analyzer = PROSE, norms = Norms.NO)
    final String readme;

    @KeywordField(projectable = Projectable.YES, searchable = Searchable.NO)
    final String license;

    @KeywordField(aggregable = Aggregable.YES)
    final List<String> licenseFacet;

    /** Each license of the expression, in lower case. */
    @KeywordField
    final List<String> licenses;

    @KeywordField(aggregable = Aggregable.YES)
    final List<String> systems;

    @KeywordField(aggregable = Aggregable.YES)
    final List<String> trust;

    @GenericField(projectable = Projectable.YES, sortable = Sortable.YES)
    final Instant updated;

    @GenericField(projectable = Projectable.YES, sortable = Sortable.YES)
    final Long dependents;

    @GenericField(projectable = Projectable.YES, sortable = Sortable.YES)
    final Long downloads;

    /** Score that does not depend on the query, see {@link RankBoost}. */
    @GenericField(sortable = Sortable.YES, searchable = Searchable.NO)
    final Long popularity;

    @GenericField(sortable = Sortable.YES, searchable = Searchable.NO)
    final Long length;

    @KeywordField(projectable = Projectable.YES, searchable = Searchable.NO)
    final List<String> alsoIn;

    /** Files that users search for, in lower case: full path, file name, and file name without its extension. */
    @KeywordField
    final List<String> files;

    /** Hash parts of the store paths that the release references. */
    @KeywordField
    final List<String> refs;

    /** @param files from {@link dev.narthex.spi.PathNames}, of the store path of the primary artifact */
    PackageDocument(IndexedPackage row, List<String> files) {
        var fold = FoldedName.of(row.normalized());
        id = row.id();
        cache = row.cacheId();
        cacheFacet = Long.toString(row.cacheId());
        ecosystem = row.ecosystem();
        name = row.name();
        normalized = row.normalized();
        exact = row.ecosystem() + ":" + row.normalized();
        folded = fold.text();
        prefixes = fold.prefixes();
        suffixes = fold.suffixes();
        innerSuffixes = fold.innerSuffixes();
        parts = fold.parts();
        version = row.version();
        shownSummary = row.summary();
        summary = row.summary();
        keywords = row.keywords();
        keywordFacet = row.keywords().stream()
                .map(keyword -> keyword.strip().toLowerCase(Locale.ROOT))
                .filter(keyword -> !keyword.isEmpty() && keyword.length() <= MAX_KEYWORD_LENGTH)
                .distinct()
                .toList();
        readme = row.readme();
        license = row.licence();
        licenseFacet = row.licence().isEmpty() ? List.of() : List.of(row.licence());
        licenses = licenses(row.licence());
        systems = row.systems();
        trust = trust(row);
        updated = row.updated();
        dependents = row.dependents();
        downloads = row.downloads();
        popularity = popularity(row.dependents(), row.downloads()) + (row.standing() ? NOT_WITHDRAWN : 0L);
        length = (long) fold.text().length();
        alsoIn = row.alsoIn();
        this.files = Stream.concat(row.inside().stream(), files.stream())
                .flatMap(PackageDocument::names)
                .distinct()
                .toList();
        refs = row.refs();
    }

    static List<String> licenses(String expression) {
        return LICENCE_PARTS
                .splitAsStream(expression.toLowerCase(Locale.ROOT))
                .filter(part -> !part.isEmpty())
                .distinct()
                .toList();
    }

    private static List<String> trust(IndexedPackage row) {
        var trust = new ArrayList<String>();
        if (row.builder()) {
            trust.add("builder");
        }
        if (row.derivation()) {
            trust.add("derivation");
        }
        return trust;
    }

    /**
     * Returns a score from 0 to 30 that grows by one with each doubling. A dependent counts as much as 8 downloads in 30 days.
     */
    static int popularity(long dependents, long downloads) {
        return (int) Math.min(MAX_RELATED, Math.floor(Math.log(1 + 8.0 * dependents + downloads) / LOG_2));
    }

    private static Stream<String> names(String file) {
        var path = file.toLowerCase(Locale.ROOT);
        var last = path.substring(path.lastIndexOf('/') + 1);
        var plain = last.replaceFirst("\\.(?:desktop|py|[1-9](?:\\.gz)?)$", "");
        return Stream.of(path, last, plain, FoldedName.of(plain).text());
    }
}
