# Compiles, links and runs a program whose answer is another each time, until the file $1 is there.
set -eu
stop=$1
cat > Makefile <<'END'
prog: main.o answer.o
	cc -o $@ $^
%.o: %.c answer.h
	cc -c -o $@ $<
END
echo 'int answer(void);' > answer.h
printf '#include <stdio.h>\n#include "answer.h"\nint main(void) { printf("%%d\\n", answer()); return 0; }\n' > main.c
n=0
while [ ! -e "$stop" ]; do
  n=$((n + 1))
  echo "#include \"answer.h\"
int answer(void) { return $n; }" > answer.c
  make -s
  answer=$(./prog)
  [ "$answer" = "$n" ] || { echo "build $n answers $answer" >&2; exit 1; }
  make -q || { echo "build $n is not up to date" >&2; exit 1; }
done
echo "$n builds"
