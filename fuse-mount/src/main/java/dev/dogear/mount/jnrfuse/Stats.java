package dev.dogear.mount.jnrfuse;

import dev.dogear.mount.vfs.FileSystemCalls;
import dev.dogear.store.tree.Timestamp;
import dev.dogear.store.workspace.NodeAttributes;
import ru.serce.jnrfuse.struct.FileStat;
import ru.serce.jnrfuse.struct.Statvfs;
import ru.serce.jnrfuse.struct.Timespec;

/** Our values in the structs of jnr-fuse. */
final class Stats {
    private static final int BLOCK = 4096;
    private static final int SECTOR = 512;
    private static final int NAME_MAX = 255;

    private Stats() {}

    static void put(NodeAttributes shown, int links, FileStat stat) {
        stat.st_ino.set(shown.inode());
        stat.st_mode.set(shown.type().modeBits() | shown.attributes().mode());
        stat.st_nlink.set(links);
        stat.st_uid.set(shown.attributes().uid());
        stat.st_gid.set(shown.attributes().gid());
        stat.st_rdev.set(shown.device());
        stat.st_size.set(shown.size());
        stat.st_blksize.set(BLOCK);
        stat.st_blocks.set((shown.allocated() + SECTOR - 1) / SECTOR);
        put(shown.atime(), stat.st_atim);
        put(shown.attributes().mtime(), stat.st_mtim);
        put(shown.attributes().ctime(), stat.st_ctim);
    }

    private static void put(Timestamp time, Timespec to) {
        to.tv_sec.set(time.seconds());
        to.tv_nsec.set(time.nanos());
    }

    static void put(FileSystemCalls.Statistics figures, Statvfs to) {
        to.f_bsize.set(figures.blockSize());
        to.f_frsize.set(figures.blockSize());
        to.f_blocks.set(figures.blocks());
        to.f_bfree.set(figures.blocksFree());
        to.f_bavail.set(figures.blocksAvailable());
        to.f_files.set(figures.files());
        to.f_ffree.set(figures.filesFree());
        to.f_favail.set(figures.filesFree());
        to.f_namemax.set(NAME_MAX);
    }
}
