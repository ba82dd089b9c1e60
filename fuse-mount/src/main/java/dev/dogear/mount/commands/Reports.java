package dev.dogear.mount.commands;

import dev.dogear.store.change.Change;
import dev.dogear.store.history.Repository;
import dev.dogear.store.history.Store;
import dev.dogear.store.object.ContentRef;
import dev.dogear.store.tree.PathChange;
import dev.dogear.store.tree.TreeEntry;
import dev.dogear.store.tree.conflict.Conflict;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The texts that are read in {@code .dogear/}. */
final class Reports {
    private static final int LOG_MAX = 1_000;

    private Reports() {}

    /** Lines of {@code word value}, then one for each edited path: a letter and the path. */
    static String status(Store.Place place, String lastError) {
        Repository repository = place.repository();
        Change head = repository.resolve(place.bookmark());
        List<PathChange> edits = repository.edits(place.bookmark());
        StringBuilder text = new StringBuilder();
        text.append("repository ").append(repository.name()).append('\n');
        text.append("bookmark ").append(place.bookmark()).append('\n');
        text.append("change ")
                .append(head.id())
                .append(' ')
                .append(subject(head))
                .append('\n');
        if (repository.isProtected(place.bookmark())) {
            text.append("protected\n");
        }
        if (!lastError.isEmpty()) {
            text.append("error ").append(lastError).append('\n');
        }
        text.append("edits ").append(edits.size()).append('\n');
        edits.forEach(edit -> text.append(edit.status().name().charAt(0))
                .append(' ')
                .append(edit.path())
                .append('\n'));
        return text.toString();
    }

    /** A line for each change, newest first: id, time, first author, first line of the message. */
    static String log(Store.Place place) {
        Change head = place.repository().resolve(place.bookmark());
        return place.repository().log(head, 0, LOG_MAX).stream()
                .map(change -> change.id() + " " + change.created() + " "
                        + change.authors().get(0).name() + ": " + subject(change) + "\n")
                .collect(Collectors.joining());
    }

    /** The edits since the last checkpoint, as a patch. */
    static byte[] diff(Store.Place place) {
        return place.repository().unified(place.repository().edits(place.bookmark()));
    }

    /** For each path without a single answer a line of kind and path, then one for each side that has something. */
    static String conflicts(Store.Place place) {
        Repository repository = place.repository();
        StringBuilder text = new StringBuilder();
        for (Conflict conflict :
                repository.conflicts(repository.liveRoot(place.bookmark())).values()) {
            text.append(conflict.text()).append(' ').append(conflict.path()).append('\n');
            side(text, "base", conflict.base());
            side(text, "ours", conflict.ours());
            side(text, "theirs", conflict.theirs());
        }
        return text.toString();
    }

    /** Mode, id of the content and path. */
    private static void side(StringBuilder text, String side, Conflict.@Nullable Version version) {
        TreeEntry entry = version == null ? null : version.entry();
        if (version == null || entry == null) {
            return;
        }
        ContentRef content = entry.content();
        int mode = entry.type().modeBits() | entry.attributes().mode();
        text.append("  ")
                .append(side)
                .append(' ')
                .append(Integer.toOctalString(mode))
                .append(' ')
                .append(content == null ? "-" : content.id().toHex())
                .append(' ')
                .append(version.path())
                .append('\n');
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String subject(Change change) {
        return change.message().lines().findFirst().orElse("");
    }
}
