/**
 * What is wrong with the host a daemon is to run on, and how it is mended. Looks only at files; asks no daemon. One thread.
 */
@NullMarked
package dev.dogear.control.cli.doctor;

import org.jspecify.annotations.NullMarked;
