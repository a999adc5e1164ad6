#!/usr/bin/env bash
# A Slurm cluster whose nodes have networks and host names of their own, for tests: they share this machine's processors and files, and nothing else.
# namespaces.sh up|down|exec CMD...|kill-node I|start-node I|cut-node I|heal-node I|fill-disk I FOLDER|clear-disk I FOLDER    (exec: on the machine of the controller)
source "$(dirname "$0")/daemons.sh"
NET=${CLUSTER_NET:-10.77.0}; NAME=${CLUSTER_NAME:-allo}

# ip netns exec would mount /sys anew, and slurmd insists on what is mounted on /sys/fs/cgroup.
within() { local host=$1; shift; nsenter --net="/run/netns/$NAME-$host" unshare --mount --uts bash -c 'hostname "$1"; mount --bind "$2/hosts" /etc/hosts; shift 2; exec "$@"' _ "$host" "$ROOT" "$@"; }

# Where a node's daemon sees its files.
on() { local node=$1; shift; nsenter --mount --target "$(cat "$PIDS/slurmd-n$node.pid")" "$@"; }

idle() { (($(within ctl sinfo -h -N -p main -o %T | grep -cE '^(idle|mixed|allocated|completing)$') == NODES)); }

namespace() { ip netns list | grep -q "^$NAME-$1\b" || { ip netns add "$NAME-$1"; ip -n "$NAME-$1" link set lo up; return 1; }; }

up() {
  folders
  local i lines=()
  namespace ctl || { ip -n "$NAME-ctl" link add br0 type bridge; ip -n "$NAME-ctl" link set br0 up; ip -n "$NAME-ctl" addr add "$NET.1/24" dev br0; }
  { echo "127.0.0.1 localhost"; echo "$NET.1 ctl"; for ((i = 0; i < NODES; i++)); do echo "$NET.$((10 + i)) n$i"; done; } > "$ROOT/hosts"
  for ((i = 0; i < NODES; i++)); do
    lines+=("NodeName=n$i NodeAddr=$NET.$((10 + i)) CPUs=$CPUS RealMemory=4000 State=UNKNOWN")
    namespace "n$i" && continue
    ip -n "$NAME-ctl" link add "v$i" type veth peer name eth0 netns "$NAME-n$i"; ip -n "$NAME-ctl" link set "v$i" master br0 up
    ip -n "$NAME-n$i" addr add "$NET.$((10 + i))/24" dev eth0; ip -n "$NAME-n$i" link set eth0 up
  done
  # A lost node is down after 10 s and not after 28: nobody waits long for its answers.
  write_configuration "ctl($NET.1)" 6817 5 MessageTimeout=4 TCPTimeout=1 "${lines[@]}"
  munge_up
  alive slurmctld || within ctl slurmctld
  wait_for slurmctld 60 within ctl bash -c 'scontrol ping | grep -q "is UP"'
  for ((i = 0; i < NODES; i++)); do alive "slurmd-n$i" || within "n$i" slurmd -N "n$i"; done
  wait_for "idle nodes" 90 idle
}

down() {
  local i host
  within ctl scancel -f -u "$(id -un)" 2>/dev/null || true
  sleep 0.5
  for ((i = 0; i < NODES; i++)); do stop "slurmd-n$i"; done
  stop slurmctld; stop munged
  for host in ctl $(seq -f n%g 0 $((NODES - 1))); do
    ip netns list | grep -q "^$NAME-$host\b" || continue
    ip netns pids "$NAME-$host" | xargs -r kill -KILL; ip netns del "$NAME-$host"
  done
}

case ${1:-} in
  up) up ;;
  down) down ;;
  exec) shift; within ctl "$@" ;;
  kill-node) ip netns pids "$NAME-n$2" | xargs -r kill -KILL ;; # power lost
  start-node) within "n$2" slurmd -N "n$2" ;;
  cut-node) ip -n "$NAME-ctl" link set "v$2" down ;;            # cable pulled
  heal-node) ip -n "$NAME-ctl" link set "v$2" up ;;
  fill-disk) on "$2" mount -t tmpfs -o size=4k full "$3"; head -c 1M /dev/zero 2>/dev/null | on "$2" dd of="$3/filler" status=none || true ;; # the node has a disk of its own there
  clear-disk) on "$2" umount --lazy "$3" ;;
  *) sed -n "3s/^# /usage: /p" "$0" >&2; exit 2 ;;
esac
