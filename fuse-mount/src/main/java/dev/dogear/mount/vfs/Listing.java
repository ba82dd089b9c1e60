package dev.dogear.mount.vfs;

import dev.dogear.store.tree.Name;
import dev.dogear.store.workspace.NodeAttributes;
import dev.dogear.store.workspace.PosixException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Answers one READDIR or READDIRPLUS: {@code .} (cookie 1), {@code ..} (cookie 2), then the entries, each with its own
 * cookie, after which the next call goes on.
 *
 * <p>Entries that share a cookie are shown again from the first of them rather than lost: all but the last of them carry
 * the cookie before their own.
 */
final class Listing {
    private static final int BATCH = 256;
    private static final int BATCH_PLUS = 64;
    private static final byte[] DOT = {'.'};
    private static final byte[] DOTS = {'.', '.'};
    private static final long DOT_COOKIE = 1;
    private static final long DOTS_COOKIE = 2;

    private final Listed directory;
    private final boolean plus;
    private final DirectoryReply reply;
    private boolean begun;

    Listing(Listed directory, boolean plus, DirectoryReply reply) {
        this.directory = directory;
        this.plus = plus;
        this.reply = reply;
    }

    /** Fills the reply from after {@code cookie}. */
    void fill(long cookie) throws PosixException {
        if (cookie < DOT_COOKIE && !addSelf(DOT, directory.self(), DOT_COOKIE)) {
            return;
        }
        if (cookie < DOTS_COOKIE && !addSelf(DOTS, directory.above(), DOTS_COOKIE)) {
            return;
        }
        long from = Math.max(cookie, Name.FIRST_COOKIE - 1) + 1;
        while (from > 0) {
            List<Listed.Item> batch = batch(from);
            if (batch.isEmpty() || !addAll(batch)) {
                return;
            }
            from = batch.get(batch.size() - 1).cookie() + 1;
        }
    }

    /** A failure after entries were added would leave their look-ups counted and never told: then the next call fails. */
    private List<Listed.Item> batch(long from) throws PosixException {
        try {
            return directory.from(from, plus ? BATCH_PLUS : BATCH);
        } catch (PosixException e) {
            if (begun) {
                return List.of();
            }
            throw e;
        }
    }

    private boolean addAll(List<Listed.Item> batch) {
        for (int i = 0; i < batch.size(); i++) {
            Listed.Item item = batch.get(i);
            boolean shared = i + 1 < batch.size() && batch.get(i + 1).cookie() == item.cookie();
            if (!add(item, shared ? item.cookie() - 1 : item.cookie())) {
                return false;
            }
            begun = true;
        }
        return true;
    }

    private boolean add(Listed.Item item, long cookie) {
        if (!plus) {
            return reply.add(item.name(), item.inode(), cookie, item.typeBits());
        }
        @Nullable Entry entry = directory.look(item);
        if (entry == null) {
            return true;
        }
        boolean added = reply.addPlus(item.name(), entry, cookie);
        if (!added && entry.node() != 0) {
            directory.unlook(entry);
        }
        return added;
    }

    private boolean addSelf(byte[] name, NodeAttributes attributes, long cookie) {
        boolean added = plus
                ? reply.addPlus(name, new Entry(0, attributes), cookie)
                : reply.add(name, attributes.inode(), cookie, attributes.type().modeBits());
        begun |= added;
        return added;
    }
}
