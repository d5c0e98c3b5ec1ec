/**
 * Pages of the signed-in user: account, tokens, sign-in of command-line clients.
 */
@NullMarked
package dev.narthex.web.account;

import org.jspecify.annotations.NullMarked;
