@NullMarked
package dev.dogear.control.auth;

import org.jspecify.annotations.NullMarked;
