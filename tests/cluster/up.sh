#!/usr/bin/env bash
# A real Kubernetes for tests, out of one binary built from upstream's Go modules.
#
#   up.sh build          find the binary, else unpack $KUBE_XZ, else compile it; print its path
#   up.sh keep DIR [N]   start a cluster in namespaces of its own and say `ready ADDRESS`; it lives until standard
#                        input ends, however its owner ends. Its address is 10.77.N.2 (N: 0..254, by default a free one from 20):
#                        API at https://10.77.N.2:6443, NodePorts, an OCI registry at http://10.77.N.2:5000
#   up.sh exec DIR CMD   run CMD where the cluster's loopback, pods and services are
#   up.sh down DIR       stop everything, remove DIR
#
# etcd, API server, controllers, scheduler, kubelet, kube-proxy, containerd: pods run. Not there: cluster DNS,
# metrics-server. DIR/kubeconfig is the administrator's. DIR/pid is the one process to kill: all others die with it.
# Needs root and what `cargo xtask test` installs. To compile: Go 1.25 or newer, 6 minutes on 2 processors.
set -euo pipefail
self=$(realpath "$0")
here=$(dirname "$self")
version=v1.35.4
kube=${KUBE_BIN:-$here/../../target/cluster/kube-$version}

main() {
  case ${1-} in
    build) build; realpath "$kube" ;;
    keep) keep "$2" "${3-}" ;;
    exec) dir=$2; shift 2; exec nsenter -t "$(cat "$dir/init")" -n "$@" ;;
    down) down "$(realpath "$2")" ;;
    _init) init "$2" "$3" ;;
    *) sed -n '2,/^set -/{/^set -/d;s/^# \{0,1\}//p}' "$self" >&2; exit 2 ;;
  esac
}

# ------------------------------------------------------------------ build
build() {
  [ ! -x "$kube" ] || return 0
  mkdir -p "$(dirname "$kube")"
  exec 9>"$kube.lock" && flock 9 # one build at a time, the others wait for it
  if [ ! -x "$kube" ]; then
    if [ -n "${KUBE_XZ-}" ]; then xz -dc "$KUBE_XZ" >"$kube.part"; else compile "$kube.part"; fi
    chmod +x "$kube.part" && mv "$kube.part" "$kube"
  fi
  exec 9>&-
}

compile() {
  command -v go >/dev/null || {
    echo "up.sh: there is no Kubernetes yet and no Go to compile it: install Go 1.25 or newer (https://go.dev/dl), or name a packed binary in KUBE_XZ" >&2
    return 1
  }
  echo "up.sh: compiling Kubernetes $version once, which takes some minutes" >&2
  local v="-s -w" p
  for p in k8s.io/component-base/version k8s.io/client-go/pkg/version; do
    v+=" -X $p.gitVersion=$version -X $p.gitMajor=1 -X $p.gitMinor=35 -X $p.gitTreeState=clean -X $p.buildDate=2026-04-01T00:00:00Z"
  done
  (cd "$here/kube" && CGO_ENABLED=0 GOFLAGS= go build -trimpath -buildvcs=false -tags grpcnotrace -gcflags=all=-dwarf=false \
    -ldflags "$v" -o "$(realpath "$1")" .)
}

# ------------------------------------------------------------------ up, down
fresh() {
  [ ! -e "$1/pid" ] || { echo "$1: already up (or not taken down)" >&2; return 1; }
  mkdir -p "$1"/{log,pki} && realpath "$1"
}

keep() { # DIR [N]
  # Who presses Ctrl-C ends the owner; this one ends when nobody holds its standard input any more.
  trap '' INT PIPE
  build
  local dir n; dir=$(fresh "$1")
  claim "${2-}"
  up "$dir" "$n"
  echo "ready 10.77.$n.2" || true
  exec >/dev/null 2>&1 # the owner may be gone, and nothing that is said must end this one before its time
  cat
  down "$dir"
}

# Sets n to a number that no other cluster of this machine has, for as long as this process or the cluster lives.
claim() { # [N]
  local first=${1:-20} last=${1:-254} # the small ones are left to people
  for ((n = first; n <= last; n++)); do
    exec 8>"/run/lock/slipway-cluster-$n"
    if flock -n 8 && [ ! -e "/sys/class/net/k8s$n" ]; then return; fi
  done
  echo "up.sh: no free number for a cluster between $first and $last" >&2
  return 1
}

up() { # DIR N
  local dir=$1 n=$2
  echo "$n" >"$dir/n"
  certificates "$dir" "IP:127.0.0.1,IP:10.77.$n.2,IP:10.96.0.1"
  kubeconfig "$dir" "https://10.77.$n.2:6443" >"$dir/kubeconfig"
  ip route replace unreachable 10.77.0.0/16 metric 4278198272 # nothing leaves the machine, up or down
  # A failed start leaves its logs and nothing running.
  trap 'kill -KILL "$(cat "'"$dir"'/pid")" 2>/dev/null' EXIT
  launch "$dir" "$n"
  ip link add "k8s$n" type veth peer name node netns "$(cat "$dir/init")"
  ip addr add "10.77.$n.1/30" dev "k8s$n" && ip link set "k8s$n" up
  touch "$dir/wired"
  await "$dir" 120 get --raw=/readyz
  await "$dir" 60 -n default get serviceaccount default
  await "$dir" 120 wait --for=condition=Ready node/node --timeout=1s
  trap - EXIT
}

# Starts this script as the first process of its own PID, mount and network namespaces. It dies with this one.
launch() { # DIR N
  local dir=$1 child
  rm -f "$dir/init" "$dir/wired"
  setsid setpriv --pdeathsig KILL unshare --pid --fork --kill-child --mount --mount-proc --net \
    bash "$self" _init "$dir" "$2" </dev/null >"$dir/log/init" 2>&1 &
  echo $! >"$dir/pid"
  until child=$(pgrep -P "$(cat "$dir/pid")"); do sleep 0.01; done
  echo "$child" >"$dir/init.part" && mv "$dir/init.part" "$dir/init"
}

down() { # DIR
  local dir=$1 pid
  pid=$(cat "$dir/pid")
  kill -KILL "$pid" 2>/dev/null || true
  while kill -0 "$pid" 2>/dev/null; do sleep 0.02; done
  if [ -e "$dir/n" ]; then
    sleep 0.3 # the kernel frees the namespaces a moment after their last process
    ip link del "k8s$(cat "$dir/n")" 2>/dev/null || true
    local i
    for i in 1 2 3 4 5 6 7 8 9 10; do
      find /sys/fs/cgroup/*/"k8s-$(cat "$dir/n")" -depth -type d -exec rmdir {} + 2>/dev/null || true
      compgen -G "/sys/fs/cgroup/*/k8s-$(cat "$dir/n")" >/dev/null || break
      sleep 0.2
    done
  fi
  rm -rf "$dir"
}

await() { # DIR SECONDS kubectl-arguments
  local dir=$1 deadline=$((SECONDS + $2)); shift 2
  until "$kube" kubectl --kubeconfig "$dir/kubeconfig" "$@" >/dev/null 2>"$dir/log/await"; do
    kill -0 "$(cat "$dir/pid")" 2>/dev/null || { for f in "$dir"/log/*; do echo "== $f"; tail -n 15 "$f"; done >&2; echo "up.sh: a component ended" >&2; return 1; }
    [ $SECONDS -lt $deadline ] || { for f in "$dir"/log/*; do echo "== $f"; tail -n 15 "$f"; done >&2; echo "up.sh: not ready: $*" >&2; return 1; }
    sleep 0.1
  done
}

# ------------------------------------------------------------------ identities
certificates() { # DIR SUBJECT-ALTERNATIVE-NAMES
  local pki=$1/pki
  openssl ecparam -name prime256v1 -genkey -noout -out "$pki/sa.key"
  openssl ec -in "$pki/sa.key" -pubout -out "$pki/sa.pub" 2>/dev/null
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 -subj /CN=ca \
    -keyout "$pki/ca.key" -out "$pki/ca.crt" 2>/dev/null
  sign "$pki" server /CN=kube-apiserver "subjectAltName=DNS:localhost,DNS:kubernetes.default.svc,$2"
  sign "$pki" admin /O=system:masters/CN=admin
}

sign() { # PKI NAME SUBJECT [EXTENSION]
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "$3" -keyout "$1/$2.key" -out "$1/$2.csr" 2>/dev/null
  openssl x509 -req -in "$1/$2.csr" -CA "$1/ca.crt" -CAkey "$1/ca.key" -CAcreateserial -days 3650 -out "$1/$2.crt" \
    -extfile <(echo "extendedKeyUsage=serverAuth,clientAuth"; echo "${4-}") 2>/dev/null
}

kubeconfig() { # DIR SERVER
  b64() { base64 -w0 "$1"; }
  cat <<YAML
apiVersion: v1
kind: Config
clusters: [{name: test, cluster: {server: "$2", certificate-authority-data: $(b64 "$1/pki/ca.crt")}}]
users: [{name: admin, user: {client-certificate-data: $(b64 "$1/pki/admin.crt"), client-key-data: $(b64 "$1/pki/admin.key")}}]
contexts: [{name: test, context: {cluster: test, user: admin}}]
current-context: test
YAML
}

# ------------------------------------------------------------------ inside: the first process
init() { # DIR N
  local dir=$1 n=$2
  cd "$dir"
  while [ ! -e "$dir/wired" ]; do sleep 0.02; done
  ip link set lo up
  ip addr add "10.77.$n.2/30" dev node && ip link set node up && ip route add default via "10.77.$n.1"
  sysctls
  mount --make-rprivate / && mount --make-rshared /
  mkdir -p /var/lib/kubelet /var/log/pods /var/log/containers /var/lib/cni "$dir"/{kubelet,pods,containers,cni,containerd,registry}
  mount --bind "$dir/kubelet" /var/lib/kubelet && mount --make-shared /var/lib/kubelet
  mount --bind "$dir/pods" /var/log/pods
  mount --bind "$dir/containers" /var/log/containers
  mount --bind "$dir/cni" /var/lib/cni
  mount -t tmpfs -o mode=755 tmpfs /run
  mkdir -p /run/netns /run/containerd /run/lock
  local c
  for c in /sys/fs/cgroup/*/; do [ "$c" = /sys/fs/cgroup/unified/ ] || mkdir -p "$c/k8s-$n"; done
  if [ -e "/sys/fs/cgroup/cpuset/k8s-$n" ]; then
    for c in cpus mems; do cat "/sys/fs/cgroup/cpuset/cpuset.$c" >"/sys/fs/cgroup/cpuset/k8s-$n/cpuset.$c"; done
  fi

  control_plane "$dir" 6443 --bind-address=0.0.0.0 --advertise-address="10.77.$n.2" \
    --kubelet-client-certificate="$dir/pki/admin.crt" --kubelet-client-key="$dir/pki/admin.key" \
    --kubelet-preferred-address-types=InternalIP
  registry "$dir"
  containerd_up "$dir" "$n"
  node "$dir" "$n"
  wait -n; exit 1
}

# The kubelet sets these for the whole machine; here it finds them set, in files of its own.
sysctls() {
  echo 1 >/proc/sys/net/ipv4/ip_forward
  [ ! -e /proc/sys/net/bridge/bridge-nf-call-iptables ] || echo 1 >/proc/sys/net/bridge/bridge-nf-call-iptables
  local s
  mkdir -p sysctl
  for s in vm.overcommit_memory=1 vm.panic_on_oom=0 kernel.panic=10 kernel.panic_on_oops=1; do
    echo "${s#*=}" >"sysctl/${s%=*}"
    mount --bind "sysctl/${s%=*}" "/proc/sys/$(tr . / <<<"${s%=*}")"
  done
}

start() { # NAME command: its output to log/NAME
  "${@:2}" >>"log/$1" 2>&1 &
  started=$((${started-0} + 1))
}

# As a real cluster does it, so that tests may kill it.
again_and_again() { while :; do "$@" || sleep 0.2; done; }

all_running() { [ "$(jobs -pr | wc -l)" = "$started" ]; }

control_plane() { # DIR PORT API-SERVER-FLAGS
  local dir=$1 port=$2; shift 2
  start etcd "$kube" etcd --name=etcd --data-dir="$dir/etcd" --unsafe-no-fsync --log-level=warn --heartbeat-interval=20 --election-timeout=200 \
    --listen-client-urls=unix://etcd.sock:0 --advertise-client-urls=unix://etcd.sock:0 \
    --listen-peer-urls=unix://peer.sock:0 --initial-advertise-peer-urls=unix://peer.sock:0 --initial-cluster=etcd=unix://peer.sock:0
  start kube-apiserver again_and_again "$kube" kube-apiserver --etcd-servers=unix://etcd.sock:0 --secure-port="$port" \
    --tls-cert-file="$dir/pki/server.crt" --tls-private-key-file="$dir/pki/server.key" --client-ca-file="$dir/pki/ca.crt" \
    --authorization-mode=Node,RBAC --allow-privileged --service-cluster-ip-range=10.96.0.0/16 \
    --service-account-issuer=https://kubernetes.default.svc --service-account-key-file="$dir/pki/sa.pub" \
    --service-account-signing-key-file="$dir/pki/sa.key" "$@"
  kubeconfig "$dir" "https://127.0.0.1:$port" >"$dir/local.kubeconfig"
  until "$kube" kubectl --kubeconfig local.kubeconfig get --raw=/readyz >/dev/null 2>&1; do all_running; sleep 0.1; done
  start kube-controller-manager "$kube" kube-controller-manager --kubeconfig=local.kubeconfig --leader-elect=false --secure-port=0 \
    --root-ca-file="$dir/pki/ca.crt" --service-account-private-key-file="$dir/pki/sa.key" \
    --cluster-signing-cert-file="$dir/pki/ca.crt" --cluster-signing-key-file="$dir/pki/ca.key" --min-resync-period=1h
  start kube-scheduler "$kube" kube-scheduler --kubeconfig=local.kubeconfig --leader-elect=false --secure-port=0
}

registry() { # DIR
  cat >registry.yml <<YAML
version: 0.1
log: {level: warn}
storage: {filesystem: {rootdirectory: $1/registry}, delete: {enabled: true}}
http: {addr: "0.0.0.0:5000"}
YAML
  start registry env OTEL_TRACES_EXPORTER=none docker-registry serve registry.yml
}

containerd_up() { # DIR N
  local dir=$1 n=$2
  cat >containerd.toml <<TOML
version = 2
root = "$dir/containerd"
state = "/run/containerd"
disabled_plugins = ["io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.zfs", "io.containerd.internal.v1.opt", "io.containerd.tracing.processor.v1.otlp"]
[grpc]
  address = "/run/containerd/containerd.sock"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "localhost/pause:1"
  disable_apparmor = true
  restrict_oom_score_adj = true
  tolerate_missing_hugetlb_controller = true
  disable_hugetlb_controller = true
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "overlayfs"
    default_runtime_name = "runc"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
        SystemdCgroup = false
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "$dir/net.d"
  [plugins."io.containerd.grpc.v1.cri".registry]
    config_path = "$dir/registries"
TOML
  # The registry has one name, inside and outside.
  mkdir -p net.d "registries/10.77.$n.2:5000"
  printf 'server = "http://%s"\n[host."http://%s"]\n  capabilities = ["pull", "resolve"]\n' "10.77.$n.2:5000" "10.77.$n.2:5000" >"registries/10.77.$n.2:5000/hosts.toml"
  cat >net.d/10-bridge.conflist <<JSON
{"cniVersion": "0.4.0", "name": "pods", "plugins": [
  {"type": "bridge", "bridge": "cni0", "isGateway": true, "ipMasq": true, "hairpinMode": true,
   "ipam": {"type": "host-local", "ranges": [[{"subnet": "10.244.0.0/24"}]], "routes": [{"dst": "0.0.0.0/0"}]}},
  {"type": "portmap", "capabilities": {"portMappings": true}},
  {"type": "loopback"}]}
JSON
  start containerd containerd --config containerd.toml
  image pause.tar localhost/pause:1 '["/bin/busybox","sleep","2147483647"]' "$(command -v busybox)"
  until ctr -a /run/containerd/containerd.sock -n k8s.io images import pause.tar >log/pause 2>&1; do all_running; sleep 0.1; done
}

# A one-layer image of one static program, as a docker archive.
image() { # TAR NAME COMMAND-JSON PROGRAM
  local tmp; tmp=$(mktemp -d -p .)
  mkdir -p "$tmp/root/bin" "$tmp/root/tmp" && cp "$4" "$tmp/root/bin/"
  tar -C "$tmp/root" --owner=0 --group=0 --mtime=@0 -cf "$tmp/layer.tar" .
  echo "{\"architecture\":\"amd64\",\"os\":\"linux\",\"config\":{\"Cmd\":$3,\"Env\":[\"PATH=/bin\"]},\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"sha256:$(sha256sum <"$tmp/layer.tar" | cut -c1-64)\"]}}" >"$tmp/config.json"
  echo "[{\"Config\":\"config.json\",\"RepoTags\":[\"$2\"],\"Layers\":[\"layer.tar\"]}]" >"$tmp/manifest.json"
  tar -C "$tmp" -cf "$1" manifest.json config.json layer.tar
  rm -rf "$tmp"
}

node() { # DIR N
  local dir=$1 n=$2
  : >resolv.conf
  cat >kubelet.yaml <<YAML
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
authentication: {anonymous: {enabled: false}, webhook: {enabled: true}, x509: {clientCAFile: $dir/pki/ca.crt}}
authorization: {mode: Webhook}
tlsCertFile: $dir/pki/server.crt
tlsPrivateKeyFile: $dir/pki/server.key
containerRuntimeEndpoint: unix:///run/containerd/containerd.sock
cgroupDriver: cgroupfs
cgroupRoot: /k8s-$n
failCgroupV1: false
failSwapOn: false
resolvConf: $dir/resolv.conf
imageGCHighThresholdPercent: 100
evictionHard: {memory.available: "0%", nodefs.available: "0%", nodefs.inodesFree: "0%", imagefs.available: "0%", imagefs.inodesFree: "0%"}
nodeStatusUpdateFrequency: 5s
syncFrequency: 5s
maxPods: 200
serializeImagePulls: false
YAML
  cat >proxy.yaml <<YAML
apiVersion: kubeproxy.config.k8s.io/v1alpha1
kind: KubeProxyConfiguration
clientConnection: {kubeconfig: $dir/local.kubeconfig}
mode: ${KUBE_PROXY_MODE:-nftables}
clusterCIDR: 10.244.0.0/24
hostnameOverride: node
healthzBindAddress: ""
metricsBindAddress: 127.0.0.1:10249
conntrack: {maxPerCore: 0, min: 0, tcpEstablishedTimeout: 0s, tcpCloseWaitTimeout: 0s}
nftables: {minSyncPeriod: 0s}
YAML
  start kubelet "$kube" kubelet --config=kubelet.yaml --kubeconfig=local.kubeconfig --hostname-override=node --node-ip="10.77.$n.2"
  start kube-proxy "$kube" kube-proxy --config=proxy.yaml
}

main "$@"
