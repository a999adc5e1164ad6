#!/usr/bin/env bash
# A Slurm cluster on this machine's loopback, for tests: loopback.sh up|down|kill-controller|start-controller
# CLUSTER_PORT: first of a free range (the controller's; nodes have PORT+10+i). CLUSTER_GPUS: pretend GPUs of a node, which are null devices.
source "$(dirname "$0")/daemons.sh"
PORT=${CLUSTER_PORT:-26817}; HOST=$(hostname -s)

idle() { (($(sinfo -h -N -p main -o %T 2>/dev/null | grep -cE '^(idle|mixed|allocated|completing)$') == NODES)); }

up() {
  folders
  local i g memory lines=() gres=""; ((GPUS == 0)) || gres=" Gres=gpu:$GPUS"
  memory=$(($(awk '/MemTotal/{print $2}' /proc/meminfo) / 1024 / NODES * 9 / 10))
  for ((i = 0; i < NODES; i++)); do lines+=("NodeName=n$i NodeHostname=$HOST NodeAddr=127.0.0.1 Port=$((PORT + 10 + i)) CPUs=$CPUS RealMemory=$memory State=UNKNOWN${gres}"); done
  write_configuration "$HOST(127.0.0.1)" "$PORT" 10 "${lines[@]}"
  if ((GPUS)); then
    mkdir -p "$ROOT/gpu"
    for ((i = 0; i < NODES; i++)); do
      for ((g = 0; g < GPUS; g++)); do [[ -e $ROOT/gpu/n$i-$g ]] || mknod "$ROOT/gpu/n$i-$g" c 1 3; done
      echo "NodeName=n$i Name=gpu File=$ROOT/gpu/n$i-[0-$((GPUS - 1))]" >> "$ROOT/gres.conf"
    done
  fi
  munge_up
  start_controller
  for ((i = 0; i < NODES; i++)); do alive "slurmd-n$i" || slurmd -f "$SLURM_CONF" -N "n$i"; done
  wait_for "idle nodes" 90 idle
}

start_controller() { alive slurmctld || slurmctld -f "$SLURM_CONF"; wait_for slurmctld 60 bash -c 'scontrol ping | grep -q "is UP"'; }

down() {
  local i
  if alive slurmctld; then scancel -f -u "$(id -un)" 2>/dev/null || true; for _ in {1..50}; do [[ -z $(squeue -h -o %A 2>/dev/null) ]] && break; sleep 0.1; done; fi
  for ((i = 0; i < NODES; i++)); do stop "slurmd-n$i"; done
  stop slurmctld; stop munged
}

case ${1:-} in
  up) up ;;
  down) down ;;
  kill-controller) stop slurmctld KILL ;;
  start-controller) start_controller ;;
  *) echo "usage: ${0##*/} up|down|kill-controller|start-controller" >&2; exit 2 ;;
esac
