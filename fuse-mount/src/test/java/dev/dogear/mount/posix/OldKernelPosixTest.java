package dev.dogear.mount.posix;

import java.util.List;

/** The same on the oldest kernel that is served, as far as masked capabilities can play it. */
final class OldKernelPosixTest extends PosixTest {
    @Override
    String protocol() {
        return "7.31";
    }

    /** Without HANDLE_KILLPRIV_V2 the kernel keeps a set-gid bit that goes with no execution by the group. */
    @Override
    List<String> knownOfTheProtocol() {
        String section = "set_id_bits_of_others | ";
        return List.of(
                section + "is: 100767 links 1 owner 0:0 | is: 102767 links 1 owner 0:0",
                section + "while open: 100767 links 1 owner 0:0 | while open: 102767 links 1 owner 0:0");
    }
}
