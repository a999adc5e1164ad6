# What both test clusters share: a munge of their own, Slurm's configuration without systemd and cgroups, and starting and stopping daemons by pid file. Sourced, not run.
# CLUSTER_ROOT: folder of all state. NODES, CPUS: of the cluster. Only daemons that these files name are ever stopped.
set -euo pipefail
ROOT=${CLUSTER_ROOT:?the folder for the state of the cluster}; NODES=${CLUSTER_NODES:-1}; CPUS=${CLUSTER_CPUS:-2}; GPUS=${CLUSTER_GPUS:-0}; PIDS=$ROOT/pids
export SLURM_CONF=$ROOT/slurm.conf

fail() { echo "${0##*/}: $*" >&2; tail -n 20 "$ROOT"/log/*.log >&2 2>/dev/null || true; exit 1; }

# Running, no zombie, and not another process that got an old number.
alive() { local state; [[ -s $PIDS/$1.pid ]] && state=$(cat "/proc/$(cat "$PIDS/$1.pid")/status" 2>/dev/null) && [[ $state =~ Name:[[:space:]]*${1%%-*} && ! $state =~ State:[[:space:]]*Z ]]; }

wait_for() { local what=$1 seconds=$2; shift 2; local end=$((SECONDS + seconds)); until "$@" >/dev/null 2>&1; do ((SECONDS < end)) || fail "no $what within $seconds s"; sleep 0.1; done; }

stop() {
  alive "$1" || return 0
  local pid; pid=$(cat "$PIDS/$1.pid"); kill -"${2:-TERM}" "$pid" 2>/dev/null || true
  for _ in {1..80}; do kill -0 "$pid" 2>/dev/null || break; sleep 0.1; done
  kill -KILL "$pid" 2>/dev/null || true; rm -f "$PIDS/$1.pid"
}

folders() {
  mkdir -p "$ROOT"/{munge,state,log,pids}; chmod 755 "$ROOT"; chmod 711 "$ROOT/munge"
  local i; for ((i = 0; i < NODES; i++)); do mkdir -p "$ROOT/spool/n$i" "$ROOT/tmp/n$i"; chmod 1777 "$ROOT/tmp/n$i"; done
}

munge_up() {
  [[ -s $ROOT/munge/key ]] || ( umask 077; dd if=/dev/urandom of="$ROOT/munge/key" bs=128 count=1 status=none )
  alive munged && return
  rm -f "$ROOT"/munge/socket* "$PIDS/munged.pid"
  munged --key-file="$ROOT/munge/key" --socket="$ROOT/munge/socket" --pid-file="$PIDS/munged.pid" --log-file="$ROOT/log/munged.log" --seed-file="$ROOT/munge/seed"
  wait_for munged 60 munge -S "$ROOT/munge/socket" -n
}

# Of two daemons on one machine each needs its own TmpFS (srun --mpi=pmix); cred_expire is why a requeued job waits 6 s here and 121 s elsewhere.
write_configuration() { # controller, port, timeout of a node, then a line for each node and each setting that this cluster has of its own
  local controller=$1 port=$2 timeout=$3; shift 3
  cat > "$ROOT/slurm.conf.new" <<C
ClusterName=test
SlurmctldHost=$controller
SlurmctldPort=$port
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$ROOT/munge/socket,cred_expire=5
CredType=cred/munge
StateSaveLocation=$ROOT/state
SlurmdSpoolDir=$ROOT/spool/%n
TmpFS=$ROOT/tmp/%n
SlurmctldPidFile=$PIDS/slurmctld.pid
SlurmdPidFile=$PIDS/slurmd-%n.pid
SlurmctldLogFile=$ROOT/log/slurmctld.log
SlurmdLogFile=$ROOT/log/slurmd-%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/linux
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerParameters=batch_sched_delay=0,sched_interval=1,sched_min_interval=0,bf_interval=1
ReturnToService=2
JobRequeue=1
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
KillWait=15
MinJobAge=300
MaxArraySize=${CLUSTER_MAX_ARRAY:-1001}
SlurmdTimeout=$timeout
HealthCheckInterval=0
SlurmdParameters=config_overrides
$( ((GPUS == 0)) || echo GresTypes=gpu )
$(printf '%s\n' "$@")
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE DefaultTime=10:00 PriorityTier=1 State=UP
PartitionName=urgent Nodes=ALL MaxTime=INFINITE DefaultTime=10:00 PriorityTier=10 PreemptMode=OFF State=UP
C
  mv "$ROOT/slurm.conf.new" "$ROOT/slurm.conf"
  : > "$ROOT/gres.conf"
}
