package dev.dogear.mount.commands;

import dev.dogear.store.StoreException;
import dev.dogear.store.StoreException.Kind;
import dev.dogear.store.change.ChangeId;
import dev.dogear.store.change.Verbs.CheckpointRequest;
import dev.dogear.store.change.Verbs.CheckpointResult;
import dev.dogear.store.change.Verbs.UndoRequest;
import dev.dogear.store.history.Store;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What is done when a file of {@code .dogear/} is written to. */
final class Commands {
    private static final Pattern CHECKPOINTS = Pattern.compile("checkpoints? (\\d{1,6})");

    private Commands() {}

    /**
     * Does it, and answers when every program sees it.
     *
     * @param opened the open file; a shell's echo writes line by line, so a message goes on with each write
     */
    static void run(CommandFile file, Store.Place place, Opened opened, byte[] bytes, String by) {
        String text = new String(opened.add(bytes), StandardCharsets.UTF_8).strip();
        switch (file) {
            case CHECKPOINT -> checkpoint(place, opened, text, by);
            case UNDO -> {
                requireOnce(file, opened);
                place.repository().undo(place.bookmark(), UndoRequest.of(checkpoints(text)), by);
            }
            case REDO -> {
                requireOnce(file, opened);
                if (!text.equals("1")) {
                    throw new StoreException(Kind.INVALID, "Write 1 to redo what the last undo took back.");
                }
                place.repository().redo(place.bookmark(), by);
            }
            default -> throw new StoreException(Kind.FORBIDDEN, "Nothing is written to " + name(file));
        }
    }

    private static void checkpoint(Store.Place place, Opened opened, String message, String by) {
        ChangeId made = opened.made();
        if (made != null) {
            place.repository().reword(place.bookmark(), made, message, by);
            return;
        }
        CheckpointResult result = place.repository().checkpoint(place.bookmark(), CheckpointRequest.of(message), by);
        if (!result.unchanged()) {
            opened.setMade(result.change().id());
        }
    }

    /** 0 stands for one step back: the edits, or the last operation. */
    private static int checkpoints(String text) {
        if (text.equals("1")) {
            return 0;
        }
        Matcher matcher = CHECKPOINTS.matcher(text);
        if (!matcher.matches()) {
            throw new StoreException(
                    Kind.INVALID,
                    "Write 1 to undo the edits or the last operation, or \"checkpoints n\" for the state before the last n.");
        }
        return Integer.parseInt(matcher.group(1));
    }

    private static void requireOnce(CommandFile file, Opened opened) {
        if (opened.isDone()) {
            throw new StoreException(
                    Kind.INVALID, "One write to " + name(file) + " is one command: open it anew for the next");
        }
    }

    private static String name(CommandFile file) {
        return file.name().toLowerCase(Locale.ROOT);
    }
}
