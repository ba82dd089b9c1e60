/**
 * What is asked: the interface through which people and programs checkpoint, undo, merge, look at history and manage
 * mounts. This module joins the store and the mount into one daemon and is the only one that may know both.
 */
@NullMarked
package dev.dogear.control;

import org.jspecify.annotations.NullMarked;
