/**
 * What the routes of all nouns share: the services they ask, the store's values as JSON, the change a request names.
 * Routes are in packages by noun below this one. They parse a request, ask a repository and write the answer; they hold
 * no state and no lock of their own and run on the server's threads.
 */
@NullMarked
package dev.dogear.control.rest;

import org.jspecify.annotations.NullMarked;
