package dev.narthex.search;

/** By what hits are counted and narrowed. */
public enum Facet {
    ECOSYSTEM("ecosystem"),
    CACHE("cacheFacet"),
    LICENCE("licenceFacet"),
    SYSTEM("systems"),
    TRUST("trust"),
    KEYWORD("keywordFacet");

    final String field;

    Facet(String field) {
        this.field = field;
    }
}
