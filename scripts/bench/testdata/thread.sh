#!/bin/sh
# The commands of the thread that flydrain comes from ("Option B"), in their order
# and with their flags, corrected so that they run, and not further:
#
#   variables, loops and -a, as a script cannot paste ids;
#   sed for grep, and xargs, as flyctl prints "image: REF", and each id with a blank on both sides;
#   --autostop=stop, as flyctl takes the value only after "=";
#   --yes, as it would ask.
set -eu
app=$1

# Step 1: Build only, capture image ref
image=$(flyctl deploy -a "$app" --build-only --push 2>&1 | sed -n 's/^image: //p')

# Step 2: List existing machine IDs
blue=$(flyctl machine list -q -a "$app" | xargs)

# Step 3: Deploy new machines, excluding all existing ones
# --ha=false prevents spawning extra standby machines per group
flyctl deploy -a "$app" --image "$image" --exclude-machines "$(echo "$blue" | tr ' ' ,)" --ha=false

# Step 4: (after verifying new machines are healthy) Cordon the old ones
# The deploy above has waited for their checks.
flyctl machine cordon -a "$app" $blue

# Let the proxy stop each after it's idle, and the machine destroy itself
for id in $blue; do
	flyctl machine update "$id" -a "$app" --autostop=stop --machine-config '{"auto_destroy": true}' --yes
done
