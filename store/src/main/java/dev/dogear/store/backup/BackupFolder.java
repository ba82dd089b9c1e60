package dev.dogear.store.backup;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.common.hash.HashCode;
import com.google.common.hash.Hashing;
import com.google.common.io.BaseEncoding;
import dev.dogear.store.DiskErrors;
import dev.dogear.store.StoreException;
import dev.dogear.store.StoreException.Kind;
import dev.dogear.store.history.log.RepositoryRow;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A folder with a backup: a list of what is in it, and files that never change. A newer backup adds files and then puts another
 * list in the place of the old one, by a rename; until then the old one counts. The list is lines of text: {@code dogear-backup
 * 1}; for each repository its id, the LSN it goes to, its row and its name; for each file of it path, bytes and SHA-256; last the SHA-256 of all
 * lines before.
 */
final class BackupFolder implements AutoCloseable {
    private static final String LIST = "dogear-backup";
    private static final String FIRST_LINE = "dogear-backup 1";
    private static final String REPOSITORY = "repository";
    private static final String FILE = "file";
    private static final String END = "end";

    private final Path path;
    private final @Nullable FileChannel lock;
    private final Map<String, Saved> repositories = new TreeMap<>();

    /**
     * What is kept of one repository.
     *
     * @param until objects with a number below it are in the packs
     * @param files the rows first, then packs of objects in the order of their numbers
     */
    record Saved(RepositoryRow row, long until, List<BackupFile> files) {
        BackupFile rows() {
            return files.get(0);
        }

        List<BackupFile> packs() {
            return files.subList(1, files.size());
        }
    }

    private BackupFolder(Path path, @Nullable FileChannel lock) {
        this.path = path;
        this.lock = lock;
    }

    /** For writing: makes the folder if it is not there. @throws StoreException INVALID if something else is in it; IN_USE */
    static BackupFolder toWrite(Path path) {
        try {
            boolean fresh = !Files.exists(path.resolve(LIST));
            if (fresh && Files.exists(path) && !isEmpty(path)) {
                throw new StoreException(
                        Kind.INVALID,
                        "The folder has other files and no backup: " + path + ". Name an empty or a new one");
            }
            Files.createDirectories(path);
            FileChannel channel =
                    FileChannel.open(path.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            if (tryLock(channel) == null) {
                channel.close();
                throw new StoreException(Kind.IN_USE, "Another backup is being written to " + path);
            }
            BackupFolder folder = new BackupFolder(path, channel);
            if (!fresh) {
                folder.loadOrClose();
            }
            return folder;
        } catch (IOException e) {
            throw BackupFile.failed(path, e);
        }
    }

    /** A folder that a first backup was cut off in has files of ours alone. */
    private static boolean isEmpty(Path path) throws IOException {
        try (Stream<Path> files = Files.list(path)) {
            return files.map(file -> file.getFileName().toString())
                    .allMatch(name -> name.equals("lock") || name.equals("repos") || name.startsWith(LIST));
        }
    }

    private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException e) {
            return null;
        }
    }

    /** For reading. @throws StoreException NOT_FOUND; CORRUPT; NEWER_FORMAT */
    static BackupFolder toRead(Path path) {
        if (!Files.exists(path.resolve(LIST))) {
            throw new StoreException(Kind.NOT_FOUND, "There is no whole backup in " + path);
        }
        BackupFolder folder = new BackupFolder(path, null);
        folder.load();
        return folder;
    }

    /** By id. */
    Map<String, Saved> repositories() {
        return repositories;
    }

    private void loadOrClose() {
        try {
            load();
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    private void load() {
        Path list = path.resolve(LIST);
        try {
            List<String> lines = Files.readAllLines(list, UTF_8);
            if (!lines.isEmpty()
                    && !lines.get(0).equals(FIRST_LINE)
                    && lines.get(0).startsWith(LIST)) {
                throw new StoreException(Kind.NEWER_FORMAT, "The backup was written by a newer Dogear: " + list);
            }
            int end = lines.size() - 1;
            if (end < 1 || !lines.get(end).equals(END + " " + hash(lines.subList(0, end)))) {
                throw damaged(list);
            }
            List<BackupFile> files = new ArrayList<>();
            for (String line : lines.subList(1, end)) {
                String[] words = line.split(" ", -1);
                if (words[0].equals(REPOSITORY)) {
                    files = new ArrayList<>();
                    String name = new String(hex(words[4]), UTF_8);
                    repositories.put(
                            words[1],
                            new Saved(RepositoryRow.decode(name, hex(words[3])), Long.parseLong(words[2]), files));
                } else {
                    files.add(new BackupFile(words[1], Long.parseLong(words[2]), HashCode.fromString(words[3])));
                }
            }
        } catch (CharacterCodingException | IllegalArgumentException | IndexOutOfBoundsException e) {
            throw damaged(list);
        } catch (IOException e) {
            throw BackupFile.failed(list, e);
        }
    }

    private static StoreException damaged(Path list) {
        return new StoreException(Kind.CORRUPT, "The list of the backup is damaged: " + list + ". Nothing was changed");
    }

    private static byte[] hex(String text) {
        return BaseEncoding.base16().lowerCase().decode(text);
    }

    private static String hex(byte[] bytes) {
        return BaseEncoding.base16().lowerCase().encode(bytes);
    }

    private static String hash(List<String> lines) {
        return Hashing.sha256().hashString(String.join("\n", lines), UTF_8).toString();
    }

    /** From now on that is the backup; files that are not part of it are deleted. */
    void publish(Map<String, Saved> now) {
        List<String> lines = new ArrayList<>(List.of(FIRST_LINE));
        now.forEach((id, saved) -> {
            lines.add(String.join(
                    " ",
                    REPOSITORY,
                    id,
                    Long.toString(saved.until),
                    hex(saved.row.encode()),
                    hex(saved.row.name().getBytes(UTF_8))));
            saved.files.forEach(file -> lines.add(String.join(
                    " ",
                    FILE,
                    file.path(),
                    Long.toString(file.bytes()),
                    file.hash().toString())));
        });
        lines.add(END + " " + hash(lines));
        Path made = path.resolve(LIST + ".part");
        try {
            Files.write(made, lines, UTF_8);
            DiskErrors.sync(made);
            Files.move(made, path.resolve(LIST), StandardCopyOption.ATOMIC_MOVE);
            DiskErrors.sync(path);
            deleteOthers(now);
        } catch (IOException e) {
            throw BackupFile.failed(made, e);
        }
    }

    private void deleteOthers(Map<String, Saved> now) throws IOException {
        Set<Path> kept = new HashSet<>();
        now.values().forEach(saved -> saved.files.forEach(file -> kept.add(path.resolve(file.path()))));
        Path repos = path.resolve("repos");
        if (!Files.exists(repos)) {
            return; // there was no repository yet
        }
        try (Stream<Path> files = Files.walk(repos)) {
            for (Path file : (Iterable<Path>) files.filter(Files::isRegularFile)::iterator) {
                if (!kept.contains(file)) {
                    Files.delete(file);
                }
            }
        }
    }

    @Override
    public void close() {
        try {
            if (lock != null) {
                lock.close();
            }
        } catch (IOException e) {
            throw BackupFile.failed(path, e);
        }
    }
}
