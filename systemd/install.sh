#!/bin/sh
# Puts Diemcau onto a Raspberry Pi or a Debian PC, without a network, and takes it away again.
#
#     sudo ./install.sh [--from FOLDER|TAR] [--yes]
#     sudo ./install.sh --uninstall [--purge] [--yes]
#
# FOLDER or TAR is a release; without --from the one that lies beside this script's folder is taken. --yes answers
# every question with yes; where nobody can be asked, the answer is no. A second run changes nothing. --uninstall
# leaves what belongs to the room (/etc/diemcau, /var/lib/diemcau*, the evidence among it); --purge takes that too.
#
# Its texts stand here and not in the catalogue, which is not installed yet: Vietnamese first, then English.
# Exit codes: 0 done, 64 wrong words, 69 this machine cannot run a room, 1 something failed (nothing half is left on).
set -eu
umask 022
LC_ALL=C
export LC_ALL

here=$(cd "$(dirname "$0")" && pwd)
opt=/opt/diemcau
etc=/etc/diemcau
list=$opt/installed
boot=/boot/firmware/config.txt
begin='# BEGIN diemcau'
end='# END diemcau'
units='diemcau-relays.service diemcau.service diemcau-update.path diemcau-update.timer diemcau-restart.path'

# shellcheck source=install-system.sh
. "$here/install-system.sh"

say() { printf '%s\n%s\n' "$1" "$2"; }
refuse() { code=$1; shift; say "$@" >&2; exit "$code"; }

# Yes only where somebody said so.
agreed() {
    [ "$yes" = no ] || return 0
    [ -t 0 ] || return 1
    printf '%s\n%s [c/k, y/n] ' "$1" "$2"
    read -r answer || return 1
    case $answer in [cCyY]*) return 0 ;; *) return 1 ;; esac
}

# ---- this machine

check_machine() {
    [ "$(id -u)" = 0 ] || refuse 69 "Cần quyền root: sudo $0" "Needs root: sudo $0"
    [ -d /run/systemd/system ] || refuse 69 "Máy này không chạy systemd." "This machine does not run systemd."
    # The packages' architecture, not the kernel's: a 32-bit system may run under a 64-bit kernel.
    machine=$(dpkg --print-architecture 2>/dev/null || echo unknown)
    case $machine in
        arm64 | amd64) ;;
        armhf | armel) refuse 69 \
            "Hệ điều hành 32 bit ($machine) không dùng được: lgpio và psutil không có bản dựng sẵn cho nó. Hãy cài Raspberry Pi OS 64 bit." \
            "A 32-bit system ($machine) will not do: lgpio and psutil publish no wheels for it. Install Raspberry Pi OS 64-bit." ;;
        *) refuse 69 "Chưa hỗ trợ kiến trúc $machine, chỉ arm64 và amd64." "Architecture $machine is not supported, only arm64 and amd64." ;;
    esac
    # shellcheck source=/dev/null
    system=$(. /etc/os-release && echo "${ID:-unknown}-${VERSION_ID:-unknown}")
    case $system in
        debian-12 | debian-13) ;;
        *) refuse 69 "Chưa hỗ trợ $system, chỉ Debian hoặc Raspberry Pi OS 12 và 13." \
            "$system is not supported, only Debian or Raspberry Pi OS 12 and 13." ;;
    esac
    for other in chrony ntpsec ntp; do
        if systemctl --quiet is-active "$other.service"; then
            say "Phòng không thấy được giờ của $other: hãy dùng systemd-timesyncd." \
                "The room cannot see what $other says of the time: use systemd-timesyncd."
        fi
    done
    [ -x /usr/bin/python3 ] || refuse 69 "Thiếu python3." "python3 is missing."
}

# ---- the release

# Prints a field of release.json, checked: the name becomes a folder's name. An old or strange file prints nothing.
told() {
    /usr/bin/python3 -I - "$1" "$2" <<'PYTHON'
import json, re, sys
try:
    tree = json.load(open(sys.argv[1] + "/release.json", encoding="utf-8"))
    value = tree[sys.argv[2]] if tree["v"] == 1 else ""
except (OSError, ValueError, KeyError, TypeError):
    value = ""
words = value if isinstance(value, list) else [value]
print(" ".join(word for word in words if isinstance(word, str) and re.fullmatch(r"[0-9A-Za-z][0-9A-Za-z.+-]{0,63}", word)))
PYTHON
}

# The folder that holds release.json: the given one, or the only one in it.
inside() {
    if [ -f "$1/release.json" ]; then
        echo "$1"
    else
        set -- "$1"/*/release.json
        [ $# = 1 ] && [ -f "$1" ] && dirname "$1"
    fi
}

beside() {
    if [ -f "$here/../release.json" ]; then
        (cd "$here/.." && pwd)
        return
    fi
    set -- "$here"/../*/release.json "$here"/../diemcau*.tar*
    for one in "$@"; do
        case $one in
            */release.json) [ ! -f "$one" ] || { dirname "$one"; return; } ;;
            *) [ ! -f "$one" ] || { echo "$one"; return; } ;;
        esac
    done
}

install_release() {
    [ -n "$from" ] || from=$(beside)
    [ -e "$from" ] || refuse 64 "Không thấy bản phát hành: --from THƯ_MỤC|TỆP_TAR" "No release found: --from FOLDER|TAR"
    mkdir -p "$opt/releases"
    work=$opt/releases/installing.tmp
    rm -rf "$work"
    trap 'rm -rf "$work"' EXIT
    if [ -d "$from" ]; then
        source=$(inside "$from") || source=
    else
        mkdir "$work"
        tar --extract --file "$from" --directory "$work" --no-same-owner --no-same-permissions ||
            refuse 1 "Không mở được $from (tệp .zst cần gói zstd)." "$from cannot be unpacked (.zst needs the package zstd)."
        source=$(inside "$work") || source=
    fi
    name=$([ -z "$source" ] || told "$source" version)
    [ -n "$name" ] || refuse 1 "$from không phải bản phát hành (thiếu release.json đúng)." "$from is no release (no good release.json)."
    case " $(told "$source" os) " in
        *" $system "*) ;;
        *) refuse 69 "Bản $name không dành cho $system." "Release $name is not for $system." ;;
    esac
    if [ -f "$opt/current/.complete" ]; then
        # A room that has one is moved by the updater alone: it looks at signatures, and whether the room is in use.
        running=$(basename "$(readlink "$opt/current")")
        [ "$running" = "$name" ] ||
            say "Phòng đang chạy bản $running; đổi bản là việc của trình cập nhật, bản $name không được chép." \
                "The room runs $running; only the updater changes that, $name is not copied."
        name=$running
    else
        [ -f "$opt/releases/$name/.complete" ] || lay "$source" "$opt/releases/$name"
        point current
        say "Đã chép bản $name." "Release $name is in place."
    fi
    [ -f "$opt/keeper/.complete" ] || point keeper
    rm -rf "$work"
    trap - EXIT
}

point() {
    ln -sfn "releases/$name" "$opt/$1.new"
    mv -T "$opt/$1.new" "$opt/$1"
    sync "$opt"
}

# Whole or not at all: everything is on the card before the folder gets its name, and .complete comes last.
lay() {
    [ -z "$(find "$1" ! -type f ! -type d)" ] ||
        refuse 1 "Bản phát hành có liên kết hoặc tệp lạ." "The release holds links or strange files."
    needed=$(du -sk "$1" | cut -f1)
    free=$(df -Pk "$opt" | awk 'NR == 2 { print $4 }')
    [ "$free" -gt $((needed * 2 + 51200)) ] ||
        refuse 1 "Thẻ nhớ thiếu chỗ: cần $((needed * 2 / 1024 + 50)) MB." "The card is too full: $((needed * 2 / 1024 + 50)) MB are needed."
    rm -rf "$2.tmp" "$2"
    cp -R "$1" "$2.tmp"
    rm -f "$2.tmp/.complete"
    # The keeper starts before all else: it shall not compile first.
    /usr/bin/python3 -I -m compileall -q "$2.tmp/site/common/hardware" >/dev/null
    chown -R root:root "$2.tmp"
    chmod -R u=rwX,go=rX "$2.tmp"
    sync -f "$2.tmp"
    mv -T "$2.tmp" "$2"
    : >"$2/.complete"
    sync -f "$2"
}

# Raspberry Pi OS 13 has lgpio for its Python as a package, and no wheel has it: a link, for all releases.
borrow_lgpio() {
    [ "$system" != debian-12 ] || return 0
    mkdir -p "$opt/system"
    found=no
    for file in /usr/lib/python3/dist-packages/lgpio.py /usr/lib/python3/dist-packages/_lgpio.cpython-3*.so; do
        [ -f "$file" ] || continue
        ln -sfn "$file" "$opt/system/$(basename "$file")"
        found=yes
    done
    [ $found = yes ] || say "Chân GPIO cần gói python3-lgpio: sudo apt install python3-lgpio, rồi chạy lại lệnh này." \
        "GPIO pins need the package python3-lgpio: sudo apt install python3-lgpio, then run this again."
}

# ---- words

from='' yes=no purge=no what_to_do=install
while [ $# -gt 0 ]; do
    case $1 in
        --from) [ $# -gt 1 ] || refuse 64 "--from THƯ_MỤC|TỆP_TAR" "--from FOLDER|TAR"; from=$2; shift ;;
        --yes) yes=yes ;;
        --uninstall) what_to_do=uninstall ;;
        --purge) purge=yes ;;
        *) refuse 64 "Không hiểu $1. Cách dùng: $0 [--from THƯ_MỤC|TỆP_TAR] [--yes] | --uninstall [--purge] [--yes]" \
            "$1 is not understood. Usage: $0 [--from FOLDER|TAR] [--yes] | --uninstall [--purge] [--yes]" ;;
    esac
    shift
done
check_machine
if [ "$what_to_do" = uninstall ]; then
    uninstall
else
    install_release
    borrow_lgpio
    install_files
    use_files
    make_keeper_table
    start
    propose_boot
    if [ -f "$etc/room.toml" ]; then
        say "Xong. Xem: systemctl status diemcau" "Done. Look: systemctl status diemcau"
    else
        say "Xong. Tiếp theo: diemcau adopt GÓI_CỦA_PHÒNG" "Done. Next: diemcau adopt ROOM_BUNDLE"
    fi
fi
