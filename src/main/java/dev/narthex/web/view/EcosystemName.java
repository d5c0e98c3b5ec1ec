package dev.narthex.web.view;

/** @param title as people write it, such as {@code PyPI} */
public record EcosystemName(String id, String title) {}
