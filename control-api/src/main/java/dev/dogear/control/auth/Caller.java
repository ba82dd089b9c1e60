package dev.dogear.control.auth;

/**
 * Who makes a request. Every caller known today is the daemon's own user or root and may do everything.
 *
 * @param name what the operation log and a change without an author say
 */
public record Caller(String name) {}
