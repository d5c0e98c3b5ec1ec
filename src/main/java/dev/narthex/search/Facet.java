package dev.narthex.search;

/** Fields by which search results are counted and filtered. */
public enum Facet {
    ECOSYSTEM("ecosystem"),
    CACHE("cacheFacet"),
    LICENCE("licenseFacet"),
    SYSTEM("systems"),
    TRUST("trust"),
    KEYWORD("keywordFacet");

    final String field;

    Facet(String field) {
        this.field = field;
    }
}
