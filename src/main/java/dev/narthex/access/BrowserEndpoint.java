package dev.narthex.access;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Marks an endpoint for browsers: it authenticates by the session cookie. All other endpoints accept tokens only, so that a page of
 * another site cannot make a browser call them with the user's session.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
public @interface BrowserEndpoint {}
