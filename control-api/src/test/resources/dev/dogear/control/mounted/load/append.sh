# Appends to one open file and replaces another by rename, standing in a directory all the while, until the file $1 is there.
set -eu
stop=$1
mkdir -p deep/er
cd deep/er
here=$(/bin/pwd)
exec 3>> log
n=0
while [ ! -e "$stop" ]; do
  n=$((n + 1))
  echo "$n" >&3
  echo "$n" > new
  mv new now
  read -r now < now
  [ "$now" = "$n" ] || { echo "replaced by $n, reads $now" >&2; exit 1; }
  [ "$(/bin/pwd)" = "$here" ] || { echo "stands elsewhere" >&2; exit 1; }
done
seq 1 "$n" | cmp - log
echo "$n appends and renames"
