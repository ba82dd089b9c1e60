# Commits in a repository of its own until the file $1 is there; then all commits must be there and sound.
set -eu
stop=$1
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1
export GIT_AUTHOR_NAME=T GIT_AUTHOR_EMAIL=t@example.org GIT_COMMITTER_NAME=T GIT_COMMITTER_EMAIL=t@example.org
git init -q -b main .
git config gc.auto 400
git config gc.autoDetach false
n=0
while [ ! -e "$stop" ]; do
  n=$((n + 1))
  mkdir -p "d$((n % 5))"
  seq "$n" "$((n + 200))" > "d$((n % 5))/f$((n % 50))"
  git add -A
  git commit -qm "$n"
  status=$(git status --porcelain)
  [ -z "$status" ] || { echo "not clean after commit $n: $status" >&2; exit 1; }
  [ $((n % 5)) != 0 ] || git fsck --no-progress
done
git fsck --full --strict --no-progress
[ "$(git rev-list --count HEAD)" = "$n" ] || { echo "not $n commits" >&2; exit 1; }
echo "$n commits"
