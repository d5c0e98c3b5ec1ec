package dev.narthex.access;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * An endpoint of pages: it knows its reader by the session of his browser. All other endpoints are called by programs and take
 * tokens only, so that no page of another site can have a browser call them in somebody's name.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
public @interface ForPeople {}
