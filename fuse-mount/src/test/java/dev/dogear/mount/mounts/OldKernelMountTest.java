package dev.dogear.mount.mounts;

/** The same suite with the capabilities of Linux 5.4 alone. */
final class OldKernelMountTest extends LiveMountTest {
    @Override
    String[] options() {
        return new String[] {"7.31"};
    }

    @Override
    void anOldKernelIsServed(String protocol) {}
}
