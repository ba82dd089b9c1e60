/**
 * The organization, its repositories, and what goes into and out of them whole. No state, no lock; the server's threads.
 */
@NullMarked
package dev.dogear.control.rest.repository;

import org.jspecify.annotations.NullMarked;
