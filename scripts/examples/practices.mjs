// What an application does with the published client, @mesadev/sdk 0.38.0, against a Dogear daemon:
//
//   dogear up --listen 127.0.0.1:7777 …            # the daemon, with its mount
//   dogear key create --scope write                 # prints a key, once
//   npm install --ignore-scripts --omit=optional --no-package-lock @mesadev/sdk@0.38.0
//   node practices.mjs http://127.0.0.1:7777 KEY [MOUNT]
//
// With MOUNT, the daemon's mount on this machine, each effect is looked for in the files as well. A check that
// fails ends the program with status 1.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Mesa } from '@mesadev/sdk';

const [url, apiKey, mount] = process.argv.slice(2);
if (!url || !apiKey) {
  console.error('usage: node practices.mjs URL KEY [MOUNT]');
  process.exit(2);
}

// The organization is asked of the daemon.
const mesa = new Mesa({ apiUrl: `${url}/v1`, apiKey });
const author = { name: 'Agent', email: 'agent@example.org' };
const base64 = (text) => Buffer.from(text).toString('base64');
/** What Dogear has beyond the published client: the same address, the same key. */
async function beyond(method, path, body) {
  const headers = { Authorization: `Bearer ${apiKey}`, 'Content-Type': 'application/json' };
  const answer = await fetch(`${url}/v1/local/${path}`, { method, headers, body: body && JSON.stringify(body) });
  return { status: answer.status, ...(await answer.json()) };
}

const step = (text) => console.log(`ok  ${text}`);

/** What the mount shows of a bookmark's file; null if it is not there. */
function shown(repo, bookmark, path) {
  const file = join(mount, repo, bookmark, path);
  return existsSync(file) ? readFileSync(file, 'utf8') : null;
}

/** Compares a file as the API and as the mount show it. */
async function expectFile(repo, bookmark, path, text) {
  const { change_id } = await mesa.bookmarks.get({ repo, bookmark });
  if (text === null) {
    await assert.rejects(mesa.content.get({ repo, change_id, path }), { status: 404 });
  } else {
    const file = await mesa.content.get({ repo, change_id, path });
    assert.equal(Buffer.from(file.content, 'base64').toString(), text);
  }
  if (mount) {
    assert.equal(shown(repo, bookmark, path), text, `${repo}/${bookmark}/${path} in the mount`);
  }
}

/** A checkpoint: a change on top of the bookmark's, to which the bookmark then moves. */
async function checkpoint(repo, bookmark, message, files) {
  const { change_id } = await mesa.bookmarks.get({ repo, bookmark });
  const change = await mesa.changes.create({
    repo,
    base_change_id: change_id,
    message,
    author,
    files: Object.entries(files).map(([path, text]) =>
      text === null ? { path, action: 'delete' } : { path, content: base64(text) }),
  });
  const moved = await mesa.bookmarks.move({ repo, bookmark, change_id: change.id });
  assert.equal(moved.change_id, change.id);
  assert.equal(moved.from_change_id, change_id);
  return change;
}

// A repository per project.
const name = `notes-${Date.now()}`;
const repo = await mesa.repos.create({ name, tags: { team: 'docs' } });
assert.equal(repo.head_change_id, 'z'.repeat(32), 'a new repository begins with nothing');
assert.equal(repo.upstream, null);
assert.deepEqual((await mesa.repos.get({ repo: name })).tags, { team: 'docs' });
if (mount) assert.deepEqual(readdirSync(join(mount, name)), ['main']);
await checkpoint(name, 'main', 'begin', { 'README.md': '# Notes\n', 'src/app.txt': 'one\ntwo\nthree\n' });
step('a repository per project');

// A timeline per session: two of them at once, neither of them sees the other.
const head = (await mesa.repos.get({ repo: name })).head_change_id;
for (const bookmark of ['session/1', 'session/2']) {
  const made = await mesa.bookmarks.create({ repo: name, name: bookmark, change_id: head });
  assert.equal(made.is_default, false);
}
step('a timeline per session');

// A checkpoint per prompt.
const prompts = [];
prompts.push(await checkpoint(name, 'session/1', 'prompt: add login\n\nrun: 7', { 'src/login.txt': 'login\n' }));
prompts.push(await checkpoint(name, 'session/1', 'prompt: rename it', {
  'src/login.txt': null,
  'src/signin.txt': 'login\n',
  'src/app.txt': 'one\n2\nthree\n',
}));
await checkpoint(name, 'session/2', 'prompt: other work', { 'other.txt': 'other\n' });
await expectFile(name, 'session/1', 'src/signin.txt', 'login\n');
await expectFile(name, 'session/1', 'src/login.txt', null);
await expectFile(name, 'session/2', 'src/signin.txt', null);
await expectFile(name, 'session/2', 'other.txt', 'other\n');
const log = await mesa.changes.list({ repo: name, bookmark: 'session/1', limit: 2 });
assert.deepEqual(log.changes.map((change) => change.id), [prompts[1].id, prompts[0].id]);
assert.equal(log.has_more, true);
const second = await mesa.changes.get({ repo: name, change_id: prompts[1].id });
assert.ok(second.files.includes('src/app.txt'), JSON.stringify(second.files));
assert.deepEqual(second.conflicts, []);
step('a checkpoint per prompt, each state read back');

// Undo is a move back, redo a move forward; the other session does not notice.
await mesa.bookmarks.move({ repo: name, bookmark: 'session/1', change_id: prompts[0].id });
await expectFile(name, 'session/1', 'src/login.txt', 'login\n');
await expectFile(name, 'session/1', 'src/app.txt', 'one\ntwo\nthree\n');
await mesa.bookmarks.move({ repo: name, bookmark: 'session/1', change_id: prompts[1].id });
await expectFile(name, 'session/1', 'src/app.txt', 'one\n2\nthree\n');
await expectFile(name, 'session/2', 'other.txt', 'other\n');
step('undo and redo of the last prompt');

// A proposal, its diff for a person to read, and the merge on approval.
const proposal = 'proposal/signin-7';
await mesa.bookmarks.create({ repo: name, name: proposal, change_id: prompts[1].id });
const listed = await mesa.bookmarks.list({ repo: name, glob: 'proposal/*' });
assert.deepEqual(listed.bookmarks.map((bookmark) => bookmark.name), [proposal]);
const diff = await mesa.diffs.get({ repo: name, base_change_id: head, head_change_id: listed.bookmarks[0].change_id });
assert.deepEqual(diff.entries.map((entry) => [entry.path, entry.status]).sort(), [
  ['src/app.txt', 'modified'],
  ['src/signin.txt', 'added'],
]);
assert.ok(diff.entries.every((entry) => entry.hunks.length > 0));
assert.equal(diff.stats.additions, 2);
const proposed = await beyond('POST', `${name}/proposals`, { source: proposal, message: 'sign in' });
assert.equal(proposed.status, 201);
// Who accepts it says what was looked at; had the bookmark moved since, that would be refused.
assert.equal(proposed.head_change_id, diff.head_change_id);
const approve = `${name}/proposals/${proposed.id}/approve`;
assert.equal((await beyond('POST', approve, { head_commit_oid: '0'.repeat(40) })).status, 409);
const approved = await beyond('POST', approve, { head_commit_oid: proposed.head_commit_oid });
assert.equal(approved.approvals[0].counts, true);
const merged = await mesa.bookmarks.merge({ repo: name, target: 'main', source: proposal, delete_source: true });
assert.equal(merged.source_deleted, true);
assert.equal(merged.is_conflicted, false);
assert.equal((await beyond('GET', `${name}/proposals/${proposed.id}`)).state, 'merged');
await expectFile(name, 'main', 'src/signin.txt', 'login\n');
await assert.rejects(mesa.bookmarks.get({ repo: name, bookmark: proposal }), { status: 404, code: 'NOT_FOUND' });
if (mount) assert.equal(existsSync(join(mount, name, proposal)), false);
step('a proposal: diff, approval, merge with the source deleted');

// A merge with conflicts says where, and changes nothing.
await checkpoint(name, 'session/2', 'prompt: another two', { 'src/app.txt': 'one\nzwei\nthree\n' });
const before = (await mesa.bookmarks.get({ repo: name, bookmark: 'main' })).change_id;
await assert.rejects(mesa.bookmarks.merge({ repo: name, target: 'main', source: 'session/2' }), (error) => {
  assert.equal(error.status, 409);
  assert.equal(error.code, 'MERGE_CONFLICT');
  return true;
});
assert.equal((await mesa.bookmarks.get({ repo: name, bookmark: 'main' })).change_id, before);
step('a conflict is told, and nothing is changed');

// Abandon: short-lived bookmarks are deleted; their changes stay to be had by id.
for (const bookmark of ['session/1', 'session/2']) {
  assert.equal((await mesa.bookmarks.delete({ repo: name, bookmark })).success, true);
  if (mount) assert.equal(existsSync(join(mount, name, bookmark)), false);
}
assert.equal((await mesa.changes.get({ repo: name, change_id: prompts[0].id })).id, prompts[0].id);
const left = await mesa.bookmarks.list({ repo: name });
assert.deepEqual(left.bookmarks.map((bookmark) => bookmark.name), ['main']);
step('abandon');

// A bookmark called .. is no way to the repository.
await assert.rejects(mesa.bookmarks.delete({ repo: name, bookmark: '..' }), { status: 404 });
assert.equal((await mesa.repos.get({ repo: name })).name, name);
const renamed = await mesa.repos.update({ repo: name, name: `${name}-old`, tags: { team: null } });
assert.deepEqual(renamed.tags, {});
if (mount) {
  assert.equal(existsSync(join(mount, name)), false);
  assert.equal(readFileSync(join(mount, `${name}-old`, 'main', 'README.md'), 'utf8'), '# Notes\n');
}
assert.equal((await mesa.repos.delete({ repo: `${name}-old` })).success, true);
if (mount) assert.equal(existsSync(join(mount, `${name}-old`)), false);
step('rename, and delete');
