package dev.dogear.control.mounted;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** For whom a daemon runs: ourselves, or an account without any rights and with a copy of the program it can read. */
final class Account {
    private final int uid;
    private final String classPath;

    private Account(int uid, String classPath) {
        this.uid = uid;
        this.classPath = classPath;
    }

    /** Ourselves, who have to be root for most. */
    static Account own() {
        return new Account(0, Installation.own().classPath());
    }

    /** @param installation an empty folder that all may enter, for the copy */
    static Account ordinary(int uid, Path installation) throws IOException {
        List<String> copies = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
            if (!entry.isEmpty() && Files.exists(Path.of(entry))) {
                Path copy = installation.resolve(
                        "entry" + copies.size() + "-" + Path.of(entry).getFileName());
                Command.of("cp", "-rL", entry, copy.toString()).run();
                copies.add(copy.toString());
            }
        }
        Command.of("chmod", "-R", "a+rX", installation.toString()).run();
        return new Account(uid, String.join(File.pathSeparator, copies));
    }

    /** The command, run by this account. */
    List<String> as(List<String> words) {
        List<String> all = new ArrayList<>();
        if (uid != 0) {
            all.addAll(List.of("setpriv", "--reuid=" + uid, "--regid=" + uid, "--clear-groups"));
        }
        all.addAll(words);
        return all;
    }

    /** Makes the folder and all in it this account's. */
    void take(Path folder) {
        if (uid != 0) {
            Command.of("chown", "-R", uid + ":" + uid, folder.toString()).run();
        }
    }

    /** Of this project and what it needs. */
    String classPath() {
        return classPath;
    }
}
