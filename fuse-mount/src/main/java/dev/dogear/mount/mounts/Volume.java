package dev.dogear.mount.mounts;

import java.nio.file.Path;

/**
 * A directory of the mount shown elsewhere too.
 *
 * @param path below the mount's root, without a leading slash
 * @param directory where it is mounted
 * @param readOnly whether writes through it are refused
 */
public record Volume(String path, Path directory, boolean readOnly) {}
