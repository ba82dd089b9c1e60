package dev.dogear.control.rest;

import com.google.common.collect.ImmutableList;
import dev.dogear.control.http.Call;
import dev.dogear.store.change.Person;
import dev.dogear.store.config.Setting;
import dev.dogear.store.history.Repository;

/** Who made a change: those the request names, else whom the setting {@code default-author} says. */
public final class Authors {
    private Authors() {}

    /** Empty if nobody is known but the caller's name. */
    public static ImmutableList<Person> of(Call call, Repository repository) {
        ImmutableList<Person> named = call.body().authors();
        if (!named.isEmpty()) {
            return named;
        }
        Person ofKey = call.caller().author();
        Person ofGit = call.body().person("default_author").orElse(null);
        boolean keyFirst = repository.config().word(Setting.DEFAULT_AUTHOR).equals("key");
        Person author = ofGit == null || (ofKey != null && keyFirst) ? ofKey : ofGit;
        return author == null ? ImmutableList.of() : ImmutableList.of(author);
    }
}
