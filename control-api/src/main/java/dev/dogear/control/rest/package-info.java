/**
 * HTTP and JSON over a Unix socket and, if asked, loopback TCP: routes, paging, and the one mapper from the store's
 * exceptions to error codes. Handlers parse a request, ask a repository and write the answer; they hold no state and
 * no lock of their own and run on the server's threads.
 */
@NullMarked
package dev.dogear.control.rest;

import org.jspecify.annotations.NullMarked;
