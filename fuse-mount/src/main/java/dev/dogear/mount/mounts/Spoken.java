package dev.dogear.mount.mounts;

import java.util.List;

/**
 * How the kernel is spoken to.
 *
 * @param transport as {@code --transport} names it
 * @param protocol the version of the FUSE protocol, such as {@code 7.45}
 * @param without capabilities it does without, by name
 * @param whyNotBetter the name of a better transport, and why it is not used; empty if there is none
 */
public record Spoken(String transport, String protocol, List<String> without, String whyNotBetter) {}
