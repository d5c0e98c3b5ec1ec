package dev.narthex.web.view;

/** @param title display name, such as {@code PyPI} */
public record EcosystemName(String id, String title) {}
