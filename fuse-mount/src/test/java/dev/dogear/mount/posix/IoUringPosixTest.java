package dev.dogear.mount.posix;

import java.util.List;
import org.junit.jupiter.api.condition.EnabledIf;

/** The same probes by io_uring. */
@EnabledIf("dev.dogear.mount.mounts.RingSwitch#possible")
final class IoUringPosixTest extends PosixTest {
    @Override
    String[] options() {
        return new String[] {"others", "io-uring"};
    }

    /** Of so many some get EAGAIN: see the README. */
    @Override
    List<String> leftOut() {
        return List.of("holes_asked_by_many");
    }
}
