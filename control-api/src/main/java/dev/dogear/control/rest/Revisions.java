package dev.dogear.control.rest;

import dev.dogear.control.http.Body;
import dev.dogear.store.StoreException;
import dev.dogear.store.change.Change;
import dev.dogear.store.change.ChangeId;
import dev.dogear.store.history.Repository;

/** Which change a request names. */
public final class Revisions {
    private Revisions() {}

    /** The change a person means: a bookmark, a change id or the beginning of one, and the virtual root. */
    public static Change revision(Repository repository, String text) {
        return text.equals(ChangeId.VIRTUAL_ROOT.toString())
                ? repository.change(ChangeId.VIRTUAL_ROOT)
                : repository.resolve(text);
    }

    /** The change named by a strict id in one field or by any revision in another; empty if neither is there. */
    public static ChangeId target(Repository repository, Body body, String idField, String revisionField) {
        if (body.node(idField) != null) {
            return body.changeId(idField).orElseThrow();
        }
        if (body.node(revisionField) != null) {
            return revision(repository, body.required(revisionField)).id();
        }
        throw new StoreException(
                StoreException.Kind.INVALID, "The field " + idField + " (or " + revisionField + ") is missing.");
    }
}
