@NullMarked
package dev.dogear.control.cli.doctor;

import org.jspecify.annotations.NullMarked;
