package dev.dogear.store.backup;

import com.github.luben.zstd.ZstdInputStream;
import com.github.luben.zstd.ZstdOutputStream;
import com.google.common.hash.HashCode;
import com.google.common.hash.Hashing;
import com.google.common.hash.HashingOutputStream;
import com.google.common.io.ByteSource;
import com.google.common.io.MoreFiles;
import dev.dogear.store.DiskErrors;
import dev.dogear.store.StoreException;
import dev.dogear.store.StoreException.Kind;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.function.Supplier;

/**
 * One file of a backup, which never changes once it has its name: a zstd stream of records.
 *
 * @param path from the backup's folder
 * @param bytes of it
 * @param hash SHA-256 of it
 */
record BackupFile(String path, long bytes, HashCode hash) {
    /** Writes the content. */
    interface Writing {
        void to(DataOutputStream out) throws IOException;
    }

    /** Reads a record; an EOFException before its first byte is the end. */
    interface Reading {
        void from(DataInputStream in) throws IOException;
    }

    /**
     * Writes it, reads it back to see that it is there, and only then gives it its name.
     *
     * @param begun what the name of the unfinished file begins with
     * @param ending what comes behind that in its path once it is written
     */
    static BackupFile write(Path folder, String begun, Writing content, Supplier<String> ending) {
        Path made = folder.resolve(begun + ".part");
        try {
            Files.createDirectories(made.resolveSibling(""));
            HashCode written;
            try (FileOutputStream out = new FileOutputStream(made.toFile())) {
                HashingOutputStream hashing = new HashingOutputStream(Hashing.sha256(), out);
                DataOutputStream data =
                        new DataOutputStream(new BufferedOutputStream(new ZstdOutputStream(hashing), 1 << 16));
                content.to(data);
                data.flush();
                data.close();
                written = hashing.hash();
            }
            DiskErrors.sync(made);
            String path = begun + ending.get();
            BackupFile done = of(folder, path, made);
            if (!done.hash.equals(written)) {
                throw new StoreException(
                        Kind.IO, "The disk of the backup gives back other bytes than it took: " + made);
            }
            Files.move(made, folder.resolve(path), StandardCopyOption.ATOMIC_MOVE);
            DiskErrors.sync(made.resolveSibling(""));
            return done;
        } catch (IOException e) {
            throw failed(made, e);
        }
    }

    /** What is there under that name. */
    static BackupFile of(Path folder, String path) {
        return of(folder, path, folder.resolve(path));
    }

    private static BackupFile of(Path folder, String path, Path file) {
        try {
            ByteSource source = MoreFiles.asByteSource(file);
            return new BackupFile(path, Files.size(file), source.hash(Hashing.sha256()));
        } catch (IOException e) {
            throw failed(folder.resolve(path), e);
        }
    }

    /** @throws StoreException CORRUPT naming the file unless it is as it was written */
    void verify(Path folder) {
        Path file = folder.resolve(path);
        boolean same = false;
        try {
            same = Files.size(file) == bytes
                    && MoreFiles.asByteSource(file).hash(Hashing.sha256()).equals(hash);
        } catch (IOException e) {
            throw new StoreException(
                    Kind.CORRUPT,
                    "A file of the backup is missing or cannot be read: " + file + ". Nothing was changed",
                    e);
        }
        if (!same) {
            throw new StoreException(
                    Kind.CORRUPT,
                    "A file of the backup is damaged: " + file + ". Nothing was changed; use another backup");
        }
    }

    /** Whether it is there, as long as it was. */
    boolean isThere(Path folder) {
        try {
            return Files.size(folder.resolve(path)) == bytes;
        } catch (IOException e) {
            return false;
        }
    }

    /** Shows its records in order. */
    void read(Path folder, Reading reading) {
        Path file = folder.resolve(path);
        try (DataInputStream in = new DataInputStream(
                new BufferedInputStream(new ZstdInputStream(Files.newInputStream(file)), 1 << 16))) {
            while (true) {
                in.mark(1);
                if (in.read() < 0) {
                    return;
                }
                in.reset();
                reading.from(in);
            }
        } catch (EOFException e) {
            throw new StoreException(Kind.CORRUPT, "A file of the backup ends in the middle of a record: " + file, e);
        } catch (IOException e) {
            throw failed(file, e);
        }
    }

    static StoreException failed(Path file, IOException e) {
        return DiskErrors.of("The backup's file " + file, file.resolveSibling(""), e);
    }
}
