#!/bin/bash
# Boot a real systemd beside this machine: own processes, mounts, network and cgroups, a root whose changes vanish.
#
#   boot.sh CHECKOUT INSTALLED RESULTS          (as root)
#
# The tree INSTALLED is copied over this machine's own. inside.py runs as the unit checks.service; what it writes to /results is left in RESULTS. Nothing outside the
# namespaces changes, and everything inside ends with this process.
set -euo pipefail

if [ "${1:-}" != --inside ]; then
  # A control group of its own, at whose place the new cgroup namespace has its root.
  unified=$(findmnt --noheadings --types cgroup2 --output TARGET | head -n 1)
  group=$unified/d2l-sync-test-$$
  mkdir "$group"
  # Everything in it has ended with the first process of the namespace, or is about to.
  leave() {
    echo $$ >"$unified/cgroup.procs"
    for _ in 1 2 3 4 5 6 7 8 9 10; do
      find "$group" -depth -type d -exec rmdir {} + 2>/dev/null && return
      sleep 0.2
    done
  }
  trap leave EXIT
  echo $$ >"$group/cgroup.procs"
  unshare --fork --pid --mount --uts --ipc --net --cgroup --kill-child "$0" --inside "$@"
  exit
fi

checkout=$2 installed=$3 results=$4
here=$(dirname "$(readlink -f "$0")")

mount --make-rprivate /
mount -t tmpfs tmpfs /mnt
mkdir /mnt/upper /mnt/work /mnt/root
cp -a "$installed/." /mnt/upper/
mount -t overlay overlay -o lowerdir=/,upperdir=/mnt/upper,workdir=/mnt/work /mnt/root
cd /mnt/root
mount -t proc proc proc
mount -t sysfs sysfs sys
mount -t cgroup2 cgroup2 sys/fs/cgroup
mount -t tmpfs -o mode=0755 tmpfs run
mount -t tmpfs -o mode=1777 tmpfs tmp
mkdir -p results old "./$checkout"
mount --bind "$checkout" "./$checkout"
mount --bind "$results" results
mount -t tmpfs -o mode=0755 tmpfs dev
for device in null zero full random urandom tty; do
  touch dev/$device
  mount --bind /dev/$device dev/$device
done
mkdir dev/pts dev/shm
mount -t devpts -o newinstance,ptmxmode=0666 devpts dev/pts
mount -t tmpfs -o mode=1777 tmpfs dev/shm
ln -s pts/ptmx dev/ptmx

rm -rf etc/systemd/system && mkdir -p etc/systemd/system
echo d2l-sync-test >etc/hostname
cat >etc/systemd/system/test.target <<END
[Unit]
DefaultDependencies=no
Wants=systemd-journald.service checks.service
END
cat >etc/systemd/system/checks.service <<END
[Unit]
DefaultDependencies=no
After=systemd-journald.service
[Service]
Type=oneshot
ExecStart=$checkout/.venv/bin/python $here/inside.py $checkout
StandardOutput=file:/results/inside.log
StandardError=inherit
ExecStopPost=/bin/systemctl --force exit
END

pivot_root . old
umount --lazy /old
# Credentials are mounted into the services' own namespaces.
mount --make-rshared /
exec env -i container=lxc PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
  /lib/systemd/systemd --system --unit=test.target --log-target=journal
