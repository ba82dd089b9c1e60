/**
 * The keeper: a small process that made the mount, owns its descriptor and the memory shared with daemons, and starts a daemon
 * whenever there is none. Descriptor and memory travel as descriptors 0 and 1 of every process started, which is what Java leaves
 * to children; so each of the two processes can start the other one, and does when the other one dies. A spare daemon waits beside them.
 * Under a service manager that stores descriptors there is no such process: {@link dev.dogear.mount.keeper.Kept} knows both.
 *
 * <p>Threads: the keeper's main thread does everything there; a daemon has one that beats and one that watches the keeper. No locks.
 */
@NullMarked
package dev.dogear.mount.keeper;

import org.jspecify.annotations.NullMarked;
