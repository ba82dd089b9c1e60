package dev.dogear.mount.posix;

import org.junit.jupiter.api.condition.EnabledIf;

/** The same probes by io_uring. */
@EnabledIf("dev.dogear.mount.mounts.RingSwitch#possible")
final class IoUringPosixTest extends PosixTest {
    @Override
    String[] options() {
        return new String[] {"others", "io-uring"};
    }
}
