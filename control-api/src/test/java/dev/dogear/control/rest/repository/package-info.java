@NullMarked
package dev.dogear.control.rest.repository;

import org.jspecify.annotations.NullMarked;
