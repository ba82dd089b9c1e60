/**
 * Who is asking, and what may they do: peer credentials of the Unix socket, API keys, their scopes ({@code read}
 * below {@code write} below {@code admin}) and the repositories they are good for. Every request passes here before
 * a route sees it. Keys are kept as hashes and compared in constant time.
 */
@NullMarked
package dev.dogear.control.auth;

import org.jspecify.annotations.NullMarked;
