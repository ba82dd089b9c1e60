/**
 * The OpenAPI document of the control interface, made from the operations and shapes in the resources of this package.
 * Built once, immutable, without locks. A test compares it with the routes, and answers with it.
 */
@NullMarked
package dev.dogear.control.openapi;

import org.jspecify.annotations.NullMarked;
