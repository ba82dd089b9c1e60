package dev.dogear.control.cli.verbs;

import dev.dogear.control.cli.line.Verb;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** All verbs by their words. Only the one asked for is built, so that the command starts fast. */
public final class Commands {
    private static final List<String> WORDS = List.of(
            "up",
            "down",
            "upgrade",
            "status",
            "repo create",
            "repo list",
            "repo rename",
            "repo tag",
            "repo delete",
            "repo restore",
            "repo purge",
            "import",
            "export",
            "bookmark create",
            "bookmark list",
            "bookmark move",
            "bookmark delete",
            "bookmark expire",
            "bookmark protect",
            "bookmark purge",
            "checkpoint",
            "amend",
            "undo",
            "redo",
            "log",
            "annotate",
            "run",
            "diff",
            "merge",
            "conflicts",
            "resolve",
            "overlaps",
            "propose",
            "proposals",
            "proposal",
            "approve",
            "reject",
            "operations",
            "events",
            "watch",
            "mount",
            "mounts",
            "umount",
            "check",
            "gc",
            "purge",
            "backup",
            "restore",
            "stats",
            "config",
            "doctor",
            "key create",
            "key list",
            "key revoke",
            "audit");

    /** What the verbs of two words have in common, by the first. */
    private static final Map<String, String> GROUPS = Map.of(
            "repo", "Make, list, rename, tag, delete and restore repositories.",
            "bookmark", "Make, list, move, protect and delete bookmarks.",
            "key", "Make, list and revoke keys for agents and programs.");

    private Commands() {}

    /** The verb of those words, or null. */
    public static @Nullable Verb find(String words) {
        return switch (words) {
            case "up" -> DaemonVerbs.up();
            case "down" -> DaemonVerbs.down();
            case "upgrade" -> DaemonVerbs.upgrade();
            case "status" -> DaemonVerbs.status();
            case "check" -> CareVerbs.check();
            case "repo create" -> RepositoryVerbs.create();
            case "repo list" -> RepositoryVerbs.list();
            case "repo rename" -> RepositoryVerbs.rename();
            case "repo tag" -> RepositoryVerbs.tag();
            case "repo delete" -> RepositoryVerbs.delete();
            case "import" -> TransferVerbs.importTree();
            case "export" -> TransferVerbs.exportTree();
            case "bookmark create" -> BookmarkVerbs.create();
            case "bookmark list" -> BookmarkVerbs.list();
            case "bookmark move" -> BookmarkVerbs.move();
            case "bookmark delete" -> BookmarkVerbs.delete();
            case "bookmark expire" -> BookmarkVerbs.expire();
            case "bookmark protect" -> BookmarkVerbs.protect();
            case "merge" -> MergeVerbs.merge();
            default -> findMore(words);
        };
    }

    private static @Nullable Verb findMore(String words) {
        return switch (words) {
            case "checkpoint" -> HistoryVerbs.checkpoint();
            case "amend" -> AmendVerbs.amend();
            case "undo" -> HistoryVerbs.undo();
            case "redo" -> HistoryVerbs.redo();
            case "log" -> LogVerbs.log();
            case "annotate" -> LogVerbs.annotate();
            case "run" -> RunVerb.run();
            case "diff" -> HistoryVerbs.diff();
            case "operations" -> HistoryVerbs.operations();
            case "events" -> EventVerbs.events();
            case "watch" -> EventVerbs.watch();
            case "conflicts" -> MergeVerbs.conflicts();
            case "resolve" -> MergeVerbs.resolve();
            case "overlaps" -> MergeVerbs.overlaps();
            case "mount" -> MountVerbs.mount();
            case "mounts" -> MountVerbs.mounts();
            case "umount" -> MountVerbs.unmount();
            default -> findCare(words);
        };
    }

    private static @Nullable Verb findCare(String words) {
        return switch (words) {
            case "gc" -> CareVerbs.gc();
            case "stats" -> CareVerbs.stats();
            case "config" -> ConfigVerb.config();
            case "repo restore" -> CareVerbs.restore();
            case "purge" -> PurgeVerbs.purge();
            case "backup" -> TransferVerbs.backup();
            case "restore" -> TransferVerbs.restore();
            case "repo purge" -> PurgeVerbs.repository();
            case "bookmark purge" -> PurgeVerbs.bookmark();
            case "doctor" -> DoctorVerb.doctor();
            case "propose" -> ProposalVerbs.propose();
            case "proposals" -> ProposalVerbs.list();
            case "proposal" -> ProposalVerbs.show();
            case "approve" -> ProposalVerbs.approve();
            case "reject" -> ProposalVerbs.reject();
            case "key create" -> KeyVerbs.create();
            case "key list" -> KeyVerbs.list();
            case "key revoke" -> KeyVerbs.revoke();
            case "audit" -> KeyVerbs.audit();
            default -> null;
        };
    }

    public static Map<String, String> groups() {
        return GROUPS;
    }

    public static List<String> words() {
        return WORDS;
    }
}
