/**
 * Work of the command on the data folder itself, which it holds meanwhile as a daemon would. Only here does the command need the
 * store's classes; the script gives it those when it is asked for a repair. One thread.
 */
@NullMarked
package dev.dogear.control.cli.repair;

import org.jspecify.annotations.NullMarked;
