/** Tests of live workspaces: against a model in memory, over freezes, switches and restarts. */
@NullMarked
package dev.dogear.store.workspace;

import org.jspecify.annotations.NullMarked;
