package dev.dogear.mount.mounts;

import java.util.List;

/**
 * How the kernel is spoken to.
 *
 * @param transport as {@code --transport} names it
 * @param protocol the version of the FUSE protocol, such as {@code 7.45}
 * @param without capabilities it does without, by name
 */
public record Spoken(String transport, String protocol, List<String> without) {}
