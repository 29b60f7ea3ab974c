#!/bin/bash
# Boots this machine's systemd as the first process of namespaces of its own, over a copy of the root that is thrown away, and runs a script in it:
#
#   run.sh FOLDER     FOLDER/script is run by that systemd as root; it sees FOLDER as /trial, and what it prints is FOLDER/said
#   run.sh --check    starts nothing
#
# No network, no devices but /dev/null and its like, no process of this machine is seen from there. Exit code 0: it ran to its end; 1: what is
# missing is named on stderr.
set -uo pipefail
here="$(readlink -f "${BASH_SOURCE[0]}")"

refuse() {
  echo "No systemd to try: $*" >&2
  exit 1
}

# In the namespaces: a root that is this machine's, with a layer of memory over it that takes all writes.
boot() {
  local layer="$1/root" root="$1/root/merged" device
  mount --make-rprivate / && mount -t tmpfs tmpfs "$layer" && mkdir "$layer"/{upper,work,merged} || exit 1
  mount -t overlay -o "lowerdir=/,upperdir=$layer/upper,workdir=$layer/work" overlay "$root" || exit 1
  mount -t proc proc "$root/proc" && mount -t sysfs -o ro sysfs "$root/sys" && mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup" || exit 1
  for device in run tmp dev; do mount -t tmpfs tmpfs "$root/$device" || exit 1; done
  for device in null zero full random urandom tty; do
    : > "$root/dev/$device" && mount --bind "/dev/$device" "$root/dev/$device" || exit 1
  done
  rm -f "$root/etc/fstab"
  mkdir "$root/dev/shm" "$root/trial" "$root/old" && mount --bind "$1" "$root/trial" || exit 1
  cat > "$root/etc/systemd/system/trial.service" << 'UNIT'
[Unit]
Requires=systemd-journald.socket
After=systemd-journald.socket
DefaultDependencies=no
[Service]
Type=oneshot
ExecStart=/bin/bash -c 'bash /trial/script > /trial/said 2>&1'
ExecStopPost=/bin/systemctl --no-block exit
UNIT
  cd "$root" && pivot_root . old && umount --lazy /old || exit 1
  exec env -i container=trial PATH=/usr/sbin:/usr/bin:/sbin:/bin /lib/systemd/systemd --system --unit=trial.service
}

if [ "${1:-}" = --boot ] && [ $$ = 1 ]; then
  boot "$2"
fi
[ "$(id -u)" = 0 ] || refuse "only root may give it namespaces"
[ -x /lib/systemd/systemd ] || refuse "not installed (apt-get install systemd)"
grep -qw overlay /proc/filesystems || modprobe -q overlay 2> /dev/null || refuse "the kernel has no overlay file system"
groups="$(awk '$3 == "cgroup2" { print $2; exit }' /proc/mounts)"
[ -w "$groups" ] || refuse "no writable cgroup2 is mounted"
unshare --pid --mount --uts --ipc --net --cgroup --fork true 2> /dev/null || refuse "the kernel gives no namespaces"
[ "${1:-}" != --check ] || exit 0

folder="$(readlink -f "$1")"
mkdir -p "$folder/root"
# A control group of its own: systemd takes the one that it finds itself in for the whole tree.
group="$groups/edgeconv-trial-$$"
mkdir "$group" || exit 1
(echo "$BASHPID" > "$group/cgroup.procs" && exec unshare --pid --mount --uts --ipc --net --cgroup --fork --kill-child "$here" --boot "$folder")
find "$group" -depth -type d -exec rmdir {} \;
[ -e "$folder/said" ]
