package dev.narthex.db;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class ParsedSqlTest {
    @Test
    void namedParametersBecomeQuestionMarksInOrder() {
        check(
                "select id from path where cache_id = :cache and hash_part = cast(:hash as char(32)) and id > :cache",
                "select id from path where cache_id = ? and hash_part = cast(? as char(32)) and id > ?",
                "cache",
                "hash",
                "cache");
    }

    @Test
    void otherTextIsKept() {
        check(
                "select ':no', 'it''s :no', \":no\", a::text, b[1:2] from t -- nobody's :no\nwhere x = :yes",
                "select ':no', 'it''s :no', \":no\", a::text, b[1:2] from t -- nobody's :no\nwhere x = ?",
                "yes");
    }

    @Test
    void replacementCharactersAreKept() {
        check("select '$1 \\n' || :a", "select '$1 \\n' || ?", "a");
    }

    private static void check(String sql, String text, String... parameters) {
        assertEquals(new ParsedSql(text, List.of(parameters)), ParsedSql.parse(sql));
    }
}
