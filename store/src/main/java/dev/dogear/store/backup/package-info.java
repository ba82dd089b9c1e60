/**
 * Copies of repositories in a folder of another disk, made while programs write, and repositories made of them. A thread of its
 * caller's; a repository's verbs wait while its rows are read, its collections while its objects are.
 */
@NullMarked
package dev.dogear.store.backup;

import org.jspecify.annotations.NullMarked;
